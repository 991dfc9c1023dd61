"""Which revision a database is at, and how it comes to the newest one."""

from __future__ import annotations

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
from sqlalchemy.ext.asyncio import AsyncEngine

from promptuary.adapters.units_of_work._sql.database import HEAD, metadata
from promptuary.adapters.units_of_work._sql.errors import translated

_TURN = 7_305_813_420_112
"""The advisory lock under which PostgreSQL migrates."""

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
        async with writing.begin() as connection:
            await connection.run_sync(_advance)


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table(_version.name):
        return None
    revision: str | None = connection.execute(select(_version.c.version_num)).scalar()
    return revision


def take_turn(connection: Connection) -> None:
    """Wait until nobody else migrates.

    SQLite's writers take turns from their first statement on. It must come before Alembic is
    entered, whose context is one for the whole process.
    """
    postgresql = connection.dialect.name == "postgresql"
    connection.execute(select(func.pg_advisory_xact_lock(_TURN) if postgresql else literal(1)))


def _advance(connection: Connection) -> None:
    take_turn(connection)
    revision = current(connection)
    if revision is None:
        # What the migrations arrive at (a test compares the two), without loading Alembic.
        metadata.create_all(connection, checkfirst=False)
        _version.create(connection, checkfirst=True)
        connection.execute(insert(_version).values(version_num=HEAD))
    elif revision != HEAD:
        from promptuary.adapters.units_of_work._sql.migrate import upgrade  # noqa: PLC0415 - slow

        upgrade(connection, "head")
