"""How we use PostgreSQL: asyncpg, short lock waits, snapshots for readers."""

from __future__ import annotations

from contextlib import nullcontext
from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import create_async_engine

from promptuary.adapters.units_of_work._sql.encoding import dumps, loads
from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.domain.errors import Misconfigured, MissingExtra

_PATIENCE = 30
"""Seconds that a statement waits for a lock, or a transaction for a free connection."""

_OPTIONS = {"sslmode": "ssl", "host": "host", "connect_timeout": "timeout"}
"""Options of a URL by libpq's names, and what asyncpg calls them."""


def postgresql_engines(url: str) -> Engines:
    """`postgresql://user:password@host:port/database`, with `?sslmode=`, `?host=` (a socket's
    folder), `?connect_timeout=` and `?application_name=` where wanted."""
    if find_spec("asyncpg") is None:
        raise MissingExtra("postgresql:", "postgresql")
    place, arguments = _parsed(url)
    engine = create_async_engine(
        place,
        json_serializer=dumps,
        json_deserializer=loads,
        pool_size=10,
        max_overflow=10,
        pool_timeout=_PATIENCE,
        # A connection that a restarted server cut is noticed and replaced before it is used.
        pool_pre_ping=True,
        connect_args=arguments,
    )
    writing = engine.execution_options(isolation_level="READ COMMITTED")
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(writing, reading, nullcontext())


def _parsed(url: str) -> tuple[URL, dict[str, Any]]:
    try:
        given = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(
            "not a PostgreSQL URL: postgresql://user:password@host/database"
        ) from error
    settings = {"lock_timeout": f"{_PATIENCE}s", "timezone": "UTC"}
    arguments: dict[str, Any] = {"timeout": 10, "command_timeout": 120, "server_settings": settings}
    for name, value in given.query.items():
        if name == "application_name":
            settings[name] = str(value)
        elif name in _OPTIONS:
            arguments[_OPTIONS[name]] = float(str(value)) if name == "connect_timeout" else value
        else:
            raise Misconfigured(f"a PostgreSQL URL takes {', '.join(_OPTIONS)}, not {name!r}")
    return given.set(drivername="postgresql+asyncpg", query={}), arguments
