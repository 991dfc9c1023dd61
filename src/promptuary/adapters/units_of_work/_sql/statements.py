"""Statements inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    Insert,
    RowMapping,
    Select,
    Table,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.adapters.units_of_work._sql.types import database_now
from promptuary.ports._news import News

T = TypeVar("T")
_CHUNK = 1000
"""Values in one IN list; SQLite takes 32,766 parameters, PostgreSQL 32,767."""


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces small enough for one statement."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


class Statements:
    """A connection in a transaction; what its driver raises comes out as errors of the house."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.postgresql = connection.dialect.name == "postgresql"
        self.news: set[News] = set()
        """What others may want to hear of when this is committed."""

    async def run(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Execute once, or once a row."""
        with translated():
            return await self._execute(statement, rows)

    async def many(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once a row; no rows, nothing to do."""
        if rows:
            await self.run(statement, rows)

    async def rows(
        self, statement: Select[Any], values: Mapping[str, Any] | None = None
    ) -> Sequence[RowMapping]:
        """All rows; `values` are those of named parameters."""
        with translated():
            result = await self._connection.execute(statement, values)
            found: Sequence[RowMapping] = result.mappings().all()
            return found

    async def plain(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """All rows of a statement in the database's own words, its values as they are kept: nothing
        is compiled, which costs more than many a question."""
        with translated():
            result = await self._connection.exec_driver_sql(statement, tuple(values))
            return result.all()

    async def row(self, statement: Select[Any]) -> RowMapping | None:
        """The first row, if there is one."""
        with translated():
            found: RowMapping | None = (await self._execute(statement)).mappings().first()
            return found

    async def number(self, statement: Select[Any]) -> int:
        """The single number it gives; NULL counts as 0."""
        with translated():
            return (await self._execute(statement)).scalar() or 0

    async def now(self) -> datetime:
        """The database's clock."""
        with translated():
            moment: datetime = (await self._execute(select(database_now()))).scalar_one()
            return moment

    def insert_missing(self, table: Table) -> Insert:
        """INSERT that leaves rows alone whose id or other unique key exists."""
        return self._insert(table).on_conflict_do_nothing()

    def upsert(self, table: Table, key: str, *changing: str) -> Insert:
        """INSERT that overwrites the columns named `changing` in a row whose key exists."""
        insert = self._insert(table)
        # `insert.excluded` would copy every column of the table for each statement.
        changed: dict[str, Any] = {name: literal_column(f'excluded."{name}"') for name in changing}
        return insert.on_conflict_do_update(index_elements=[key], set_=changed)

    def keyed(self, table: Table, key: Sequence[str], *changing: str) -> Insert:
        """INSERT that overwrites the columns named `changing` in a row whose whole key exists."""
        changed: dict[str, Any] = {name: literal_column(f'excluded."{name}"') for name in changing}
        return self._insert(table).on_conflict_do_update(index_elements=list(key), set_=changed)

    def adding(self, table: Table, key: Sequence[str], count: str, *changing: str) -> Insert:
        """INSERT that, in a row whose key exists, adds to `count` and overwrites `changing`."""
        insert = self._insert(table)
        more: Any = literal_column(f'excluded."{count}"')
        changed: dict[str, Any] = {name: literal_column(f'excluded."{name}"') for name in changing}
        changed[count] = table.c[count] + more
        return insert.on_conflict_do_update(index_elements=list(key), set_=changed)

    def merging(
        self,
        table: Table,
        key: str,
        set_: Mapping[str, Any],
        *,
        where: ColumnElement[bool] | None = None,
    ) -> Insert:
        """INSERT that changes a row whose key exists as `set_` says, if `where` holds for it."""
        insert = self._insert(table)
        return insert.on_conflict_do_update(index_elements=[key], set_=dict(set_), where=where)

    @staticmethod
    def excluded(name: str) -> ColumnElement[Any]:
        """The value that an INSERT brought for a row that exists."""
        return literal_column(f'excluded."{name}"')

    async def _execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        found: CursorResult[Any] = await self._connection.execute(statement, rows)
        return found

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        return postgresql.insert(table) if self.postgresql else sqlite.insert(table)
