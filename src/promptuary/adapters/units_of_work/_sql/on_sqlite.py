"""How we use SQLite: write-ahead log, one writer at a time in this process, readers beside it."""

from __future__ import annotations

from asyncio import Lock
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from promptuary.adapters.units_of_work._sql.encoding import dumps, loads
from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.adapters.units_of_work._sql.sqlite_thread import connect
from promptuary.domain.errors import Misconfigured

_PREFIX = "sqlite:///"
_PATIENCE = 30
"""Seconds that a writer waits for another process, or a reader for a free connection."""


def sqlite_engines(url: str, *, patience: float = _PATIENCE) -> Engines:
    """Everything after `sqlite:///` is the path of the file; its folder is made if need be."""
    path = Path(url.removeprefix(_PREFIX))
    if not url.startswith(_PREFIX) or path.name in {"", ":memory:"}:
        raise Misconfigured(f"a SQLite record is a file: sqlite:///path/to/record.db, not {url!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    writing = _engine(path, write=True, patience=patience)
    return Engines(writing, _engine(path, write=False, patience=patience), Lock())


def _engine(path: Path, *, write: bool, patience: float) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        json_serializer=dumps,
        json_deserializer=loads,
        pool_size=1 if write else 8,
        max_overflow=0,
        pool_timeout=patience,
        connect_args={
            "async_creator_fn": partial(connect, reads=not write, patience=patience),
        },
    )
    event.listen(engine.sync_engine, "connect", _configure_writer if write else _configure_reader)
    event.listen(engine.sync_engine, "begin", _begin_writing if write else _begin_reading)
    return engine


def _configure_writer(connection: DBAPIConnection, _record: object) -> None:
    # FULL syncs the log at each commit, so that what was acknowledged survives a kill and a power
    # cut alike; NORMAL would lose the last commits in a power cut. What is deleted is overwritten,
    # so that it stands in no free page of the file.
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        _set(connection, pragma)


def _configure_reader(connection: DBAPIConnection, _record: object) -> None:
    _set(connection, "query_only=ON")


def _set(connection: DBAPIConnection, pragma: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_writing(connection: Connection) -> None:
    # At once: a deferred transaction that turns to writing later fails instead of waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
