"""Which revision a database is at, and how it comes to the newest one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from promptuary.adapters.units_of_work._sql.database import HEAD, metadata
from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.domain.errors import Busy

T = TypeVar("T")

LOCK_WAIT = "300ms"
"""How long a migration's statement waits for a lock in PostgreSQL, and who came after it with it.

Then it gives way, and is tried again. Well below the second after which PostgreSQL looks for
deadlocks: of a writer and a migration that each have what the other wants, the writer goes on.
"""
_TURN = 7_305_813_420_112
"""The advisory lock under which PostgreSQL migrates."""
_TURN_TRIES = 300
_TURN_PAUSE = 0.1
"""Seconds between two looks whether somebody else still migrates."""
_TRIES = 60
_PAUSE = 1.0
"""Seconds in which writers have the tables to themselves, between two tries to get at one."""
_LOCK_NOT_AVAILABLE = "55P03"

_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, in Alembic's own form."""


async def prepare(writing: AsyncEngine, reading: AsyncEngine) -> None:
    """Bring a database to the newest revision; a new one is created there at once.

    Raises Misconfigured when it is at a revision that only a newer Promptuary knows.
    """
    with translated():
        async with reading.begin() as connection:
            if await connection.run_sync(current) == HEAD:
                return
        await in_turn(writing, _advance)


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table(_version.name):
        return None
    revision: str | None = connection.execute(select(_version.c.version_num)).scalar()
    return revision


async def in_turn(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    """Run it while nobody else migrates.

    In SQLite it is one transaction, which holds every writer up until it ends. In PostgreSQL
    writers go on: a statement waits LOCK_WAIT for its lock at most and then lets them pass, and the
    work is tried again from where it had committed. Raises Busy when its turn, or a lock, does not
    come.
    """
    if engine.dialect.name != "postgresql":
        async with engine.begin() as connection:
            # SQLite's writers take turns from their first statement on. It must come before Alembic
            # is entered, whose context is one for the whole process.
            await connection.execute(select(literal(1)))
            return await connection.run_sync(work)
    async with engine.connect() as connection:
        try:
            await _take_turn(connection)
            await connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_WAIT}'")
            await connection.commit()
            return await _tried(connection, work)
        finally:
            # With the session end its turn and what was set for it.
            await connection.invalidate()


async def _take_turn(connection: AsyncConnection) -> None:
    """Looking again and again: who waits inside a statement holds up the indexes that the one
    before them makes, and both would wait for ever."""
    for _ in range(_TURN_TRIES):
        mine = (await connection.execute(select(func.pg_try_advisory_lock(_TURN)))).scalar_one()
        await connection.commit()
        if mine:
            return
        await asyncio.sleep(_TURN_PAUSE)
    raise Busy("somebody else migrates this record; try again when they are done")


async def _tried(connection: AsyncConnection, work: Callable[[Connection], T]) -> T:
    for left in reversed(range(_TRIES)):
        try:
            done = await connection.run_sync(work)
            await connection.commit()
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            await connection.rollback()
            await asyncio.sleep(_PAUSE)
        else:
            return done
    raise AssertionError("the last try returns or raises")


def _advance(connection: Connection) -> None:
    revision = current(connection)
    if revision is None:
        # What the migrations arrive at (a test compares the two), without loading Alembic.
        metadata.create_all(connection, checkfirst=False)
        _version.create(connection, checkfirst=True)
        connection.execute(insert(_version).values(version_num=HEAD))
    elif revision != HEAD:
        from promptuary.adapters.units_of_work._sql.migrate import upgrade  # noqa: PLC0415 - slow

        upgrade(connection, "head")
