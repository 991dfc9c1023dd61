"""A whole record into another database: every table in pages by key, then every row compared.

A page is written in one transaction together with the lease that its writer holds, so the last key
in the target says how far the copy is, and of two that copy at once one is refused. The lease stays
in the target until the copy was found to be whole: by it an unfinished copy is told from a record
that somebody uses. A target without it is only compared, for whoever is stopped between the end of
a copy and its answer asks again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Column, RowMapping, Select, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from promptuary.adapters.units_of_work._sql import event_words
from promptuary.adapters.units_of_work._sql.comparing import Compared, Digests, size_of
from promptuary.adapters.units_of_work._sql.cursors import Order
from promptuary.adapters.units_of_work._sql.database import metadata
from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.adapters.units_of_work._sql.leases import SqlLeases
from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.adapters.units_of_work._sql.schema_leases import leases
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.domain.errors import Busy, Conflict
from promptuary.domain.jobs import Lease
from promptuary.domain.reports import Progress, Told
from promptuary.domain.upkeep import RecordCopy, TableCopy

MARK: Final = "copy of a record"
LEASE: Final = timedelta(seconds=60)
ROWS: Final = 1_000
"""So many rows at once at most, and fewer where they are long."""
BYTES: Final = 8_000_000
"""About so much is read and written at once."""
TABLES: Final = tuple(table for table in metadata.sorted_tables if table is not leases)
"""Every table, whatever is pointed at before what points there; leases are of the moment only."""


@dataclass(slots=True)  # changes: it is counted up
class Copying:
    """A copy under way, from `source` to `target`; `origin` names the source."""

    source: Engines
    target: Engines
    origin: str
    told: Told
    done: int = 0
    copied: int = 0
    total: int = 0
    held: Lease | None = field(default=None)

    async def run(self) -> RecordCopy:
        """Copy what is not there yet, and compare everything; a whole copy is only compared.

        Raises Conflict for a target that holds something else, Busy while somebody else copies,
        LeaseLost when somebody else went on with it, and what either database raises.
        """
        kept = await self._begin()
        counts = await _counts(self.source.reading)
        there = await _counts(self.target.reading)
        self.total, self.done = 2 * sum(counts.values()), sum(there.values())
        if not kept:
            await self._copy(counts)
            there = await _counts(self.target.reading)
        elif there != counts:
            raise _occupied(kept)
        used = [table for table in TABLES if counts[table.name] or there[table.name]]
        compared = [await self._compared(table) for table in used]
        found = RecordCopy(self.origin, tuple(compared), self.copied)
        if kept and not found.clean:
            raise _occupied(kept)
        if not kept and found.clean:
            async with self._writing() as db:
                await db.run(leases.delete().where(leases.c.name == MARK))
        return found

    async def _copy(self, counts: Mapping[str, int]) -> None:
        for table in TABLES:
            if counts[table.name]:
                await self._table(table)
                await self._pointing_at_itself(table)
        async with self._writing() as db:
            await _go_on_counting(db)

    async def _begin(self) -> str:
        """Take the lease of a copy, unless no copy is under way in a target that is not empty: then
        the name of a table in which there is something."""
        async with self.target.turn, _transaction(self.target.writing) as db:
            mark = await db.row(select(leases).where(leases.c.name == MARK))
            if mark is not None and mark["holder"] != self.origin:
                raise Conflict(f"there is an unfinished copy of another record: {mark['holder']}")
            if mark is None and (kept := await _first_kept(db)):
                return kept
            self.held = await SqlLeases(db).take(MARK, self.origin, lease=LEASE)
        if self.held is None:
            raise Busy("somebody else copies into this database")
        return ""

    async def _table(self, table: Table) -> None:
        """Every row after the last one that is there."""
        keys = await self._last(table)
        own = [column.name for column in _own_references(table)]
        async for rows in _pages(self.source.reading, table, keys):
            written = [{**row, **dict.fromkeys(own)} for row in rows]
            async with self._writing() as db:
                await db.many(table.insert(), written)
                if table is camera_events:
                    shown = [row for row in rows if not row["gone"]]
                    said = [(row["id"], (row["searched"] or "").strip() or None) for row in shown]
                    await event_words.write(db, said, set())
            self.copied += len(rows)
            self._tell(len(rows))

    async def _last(self, table: Table) -> Sequence[Any] | None:
        keys = list(table.primary_key.columns)
        newest = select(*keys).order_by(*(key.desc() for key in keys)).limit(1)
        async with _transaction(self.target.reading) as db:
            row = await db.row(newest)
        return None if row is None else [row[key] for key in keys]

    async def _pointing_at_itself(self, table: Table) -> None:
        """What points at rows of its own table is filled in when all of them are there."""
        for column in _own_references(table):
            (key,) = table.primary_key.columns
            wanted = select(key, column).where(column.is_not(None))
            async for rows in _pages(self.source.reading, table, None, wanted):
                async with self._writing() as db:
                    for row in rows:
                        here = update(table).where(key == row[key])
                        await db.run(here.values({column.name: row[column]}))

    async def _compared(self, table: Table) -> TableCopy:
        """The digests of both, bucket by bucket, and which rows differ where they do."""
        ours, theirs = Digests(), Digests()
        async for rows in _pages(self.source.reading, table, None):
            ours.add(table, rows)
            self._tell(len(rows))
        async for rows in _pages(self.target.reading, table, None):
            theirs.add(table, rows)
        compared = Compared(ours.differing(theirs))
        if compared.buckets:
            async for rows in _pages(self.source.reading, table, None):
                compared.wanted(table, rows)
            async for rows in _pages(self.target.reading, table, None):
                compared.found(table, rows)
        return TableCopy(table.name, ours.rows, str(theirs), compared.faults(), compared.examples())

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Statements]:
        async with self.target.turn, _transaction(self.target.writing) as db:
            if self.held is not None:
                await SqlLeases(db).extend(self.held, lease=LEASE)
            yield db

    def _tell(self, rows: int) -> None:
        self.done += rows
        self.told(Progress("record", self.done, self.total))


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Statements]:
    with translated():
        async with engine.begin() as connection:
            yield Statements(connection)


async def _pages(
    engine: AsyncEngine,
    table: Table,
    keys: Sequence[Any] | None,
    wanted: Select[Any] | None = None,
) -> AsyncIterator[Sequence[RowMapping]]:
    """Rows after those keys in the order of the primary key, in pages of bounded size."""
    columns = tuple(table.primary_key.columns)
    order, limit = Order(columns, (False,) * len(columns)), ROWS // 10
    asked: Select[Any] = select(table) if wanted is None else wanted
    while True:
        page = asked if keys is None else asked.where(order.after(keys))
        async with _transaction(engine) as db:
            rows = await db.rows(page.order_by(*order.by()).limit(limit))
        if rows:
            yield rows
        if len(rows) < limit:
            return
        keys = [rows[-1][column] for column in columns]
        limit = max(1, min(ROWS, 2 * limit, limit * BYTES // max(1, size_of(rows))))


def _own_references(table: Table) -> list[Column[Any]]:
    return [key.parent for key in table.foreign_keys if key.column.table is table]


async def _counts(engine: AsyncEngine) -> dict[str, int]:
    async with _transaction(engine) as db:
        return {
            table.name: await db.number(select(func.count()).select_from(table)) for table in TABLES
        }


def _occupied(table: str) -> Conflict:
    return Conflict(f"there is another record already: {table} is not empty; name another")


async def _first_kept(db: Statements) -> str:
    for table in TABLES:
        if await db.row(select(*table.primary_key.columns).limit(1)):
            return table.name
    return ""


async def _go_on_counting(db: Statements) -> None:
    """Positions go on above the highest that was copied; SQLite sees to that by itself."""
    if not db.postgresql:
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is not None:
            highest = await db.number(select(func.max(column)))
            if highest:
                counted = func.pg_get_serial_sequence(table.name, column.name)
                await db.run(select(func.setval(counted, highest)))
