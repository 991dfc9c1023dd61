"""How we use PostgreSQL: asyncpg, short lock waits, snapshots for readers."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, fields
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

_POOL = 10
"""Connections that are kept open, and so many more while there is much to do."""
_ANSWER = 120.0
"""Seconds that a statement may take, unless the URL says otherwise."""
_ROLES = ("any", "primary", "read-write")


def postgresql_engines(url: str) -> Engines:
    """`postgresql://user:password@host:port/database`, with these options where wanted:

    `sslmode`, `application_name`, `connect_timeout` (seconds), `statement_timeout` (seconds, 120
    unless given), `pool_size` (connections kept, 10 unless given), and `host` for a socket's folder
    or, given several times as `host:port`, for servers that are tried in turn;
    `target_session_attrs=primary` passes over those that only follow.
    """
    if find_spec("asyncpg") is None:
        raise MissingExtra("postgresql:", "postgresql")
    place, options = _parsed(url)
    engine = create_async_engine(
        place,
        json_serializer=dumps,
        json_deserializer=loads,
        pool_size=options.pool_size,
        max_overflow=options.pool_size,
        pool_timeout=_PATIENCE,
        # A connection that a restarted server cut is noticed and replaced before it is used.
        pool_pre_ping=True,
        connect_args=options.arguments(),
    )
    writing = engine.execution_options(isolation_level="READ COMMITTED")
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(writing, reading, nullcontext())


@dataclass(slots=True)  # changes: it is read option by option
class _Options:
    """What the options of a URL say."""

    hosts: tuple[str, ...] = ()
    sslmode: str = ""
    application_name: str = ""
    target_session_attrs: str = ""
    connect_timeout: float = 10.0
    statement_timeout: float = _ANSWER
    pool_size: int = _POOL

    def arguments(self) -> dict[str, Any]:
        """What asyncpg calls them."""
        settings = {
            "lock_timeout": f"{_PATIENCE}s",
            "statement_timeout": f"{round(1_000 * self.statement_timeout)}ms",
            "timezone": "UTC",
        }
        if self.application_name:
            settings["application_name"] = self.application_name
        said: dict[str, Any] = {
            "timeout": self.connect_timeout,
            # The server ends a statement that takes too long; this is for one that says nothing.
            "command_timeout": self.statement_timeout + 5,
            "server_settings": settings,
        }
        if self.sslmode:
            said["ssl"] = self.sslmode
        if self.target_session_attrs:
            said["target_session_attrs"] = self.target_session_attrs
        return said | self._places()

    def _places(self) -> dict[str, Any]:
        if len(self.hosts) < 2:
            return {"host": self.hosts[0]} if self.hosts else {}
        places = [each.rpartition(":") for each in self.hosts]
        if not all(host and port.isdecimal() for host, _, port in places):
            raise Misconfigured("of several servers each is named as host=HOST:PORT")
        return {
            "host": [host for host, _, _ in places],
            "port": [int(port) for _, _, port in places],
        }


def _parsed(url: str) -> tuple[URL, _Options]:
    try:
        given = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(
            "not a PostgreSQL URL: postgresql://user:password@host/database"
        ) from error
    options = _Options()
    for name, value in given.query.items():
        _take(options, name, (value,) if isinstance(value, str) else value)
    return given.set(drivername="postgresql+asyncpg", query={}), options


def _take(options: _Options, name: str, values: tuple[str, ...]) -> None:
    text = values[-1]
    try:
        match name:
            case "host":
                options.hosts = values
            case "sslmode" | "application_name":
                setattr(options, name, text)
            case "target_session_attrs" if text in _ROLES:
                options.target_session_attrs = text
            case "connect_timeout" | "statement_timeout" if float(text) > 0:
                setattr(options, name, float(text))
            case "pool_size" if int(text) > 0:
                options.pool_size = int(text)
            case _:
                raise ValueError(text)
    except ValueError as error:
        known = ", ".join(field.name.replace("hosts", "host") for field in fields(options))
        raise Misconfigured(f"a PostgreSQL URL takes {known}, not {name!r} as {text!r}") from error
