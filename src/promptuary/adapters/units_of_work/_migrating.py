"""Migrations of a record database by its URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.adapters.units_of_work._sql.on_postgresql import postgresql_engines
from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.adapters.units_of_work._sql.versions import take_turn

T = TypeVar("T")


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to that revision, in one transaction; nothing to do, nothing done."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    await _on(url, lambda connection: migrate.upgrade(connection, revision))


async def downgrade(url: str, revision: str) -> None:
    """Bring the database down to that revision, in one transaction; `base` removes every table."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    await _on(url, lambda connection: migrate.downgrade(connection, revision))


async def check(url: str) -> list[str]:
    """What the database has or lacks against what this version expects; empty when nothing."""
    from promptuary.adapters.units_of_work._sql import migrate  # noqa: PLC0415 - Alembic is slow

    return await _on(url, migrate.differences)


async def _on(url: str, work: Callable[[Connection], T]) -> T:
    engines = _engines(url)
    try:
        with translated():
            async with engines.writing.begin() as connection:
                await connection.run_sync(take_turn)
                return await connection.run_sync(work)
    finally:
        await engines.aclose()


def _engines(url: str) -> Engines:
    return sqlite_engines(url) if url.startswith("sqlite:") else postgresql_engines(url)
