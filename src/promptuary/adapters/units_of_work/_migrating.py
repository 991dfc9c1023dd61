"""Migrations of a record database by its URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from promptuary.adapters.units_of_work._sql import isolation
from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.adapters.units_of_work._sql.on_postgresql import postgresql_engines
from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.adapters.units_of_work._sql.versions import in_turn

T = TypeVar("T")


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to that revision; nothing to do, nothing done.

    In SQLite it is one transaction, in PostgreSQL one a revision, and writers go on meanwhile.
    What was interrupted goes on when it is called again."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    await _on(url, lambda connection: migrate.upgrade(connection, revision))


async def downgrade(url: str, revision: str) -> None:
    """Bring the database down to that revision, in transactions as `upgrade` does; `base` removes
    every table."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    await _on(url, lambda connection: migrate.downgrade(connection, revision))


async def check(url: str) -> list[str]:
    """What the database has or lacks against what this version expects; empty when nothing."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    return await _on(url, migrate.differences)


async def isolate(url: str, *, on: bool = True) -> None:
    """Have PostgreSQL show other roles only the rows of their session's tenant, or end that. Raises
    Unsupported for SQLite, Misconfigured for who does not own the tables."""
    await _on(url, isolation.isolate if on else isolation.open_up)


async def _on(url: str, work: Callable[[Connection], T]) -> T:
    engines = engines_of(url)
    try:
        with translated():
            return await in_turn(engines.writing, work)
    finally:
        await engines.aclose()


def engines_of(url: str) -> Engines:
    """What reads and writes the database at that URL."""
    return sqlite_engines(url) if url.startswith("sqlite:") else postgresql_engines(url)
