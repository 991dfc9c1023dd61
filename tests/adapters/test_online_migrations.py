"""PostgreSQL is migrated while the release before goes on reading and writing.

That release is played by the tables as its own revision left them, reflected before the migration
and used by the same statements all along.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from test_migrations import MIGRATIONS

from promptuary.adapters.units_of_work import postgresql
from promptuary.adapters.units_of_work._migrating import check, downgrade, upgrade
from promptuary.adapters.units_of_work._sql.tables import HEAD
from promptuary.testing.unit_of_work import write_a_little_of_everything

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BOUND = "10s"
"""More than a migration makes anybody wait: a write that waits longer for a lock fails."""
A_CAMERA_EVENT = {
    **{"camera_id": "gate", "label": "person", "zones": "", "started": 1, "gone": False},
    **{"searched": " person at the gate "},
}
AN_EVOLUTION_EVENT = {
    **{"ordinal": 1, "event_type": "CREATED", "change_reason": "found", "detected_by": "engine"},
}
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{}%'"""
INDEXES = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_camera_events_words'::regclass"


def revisions() -> list[str]:
    """Every revision, oldest first."""
    return [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


@dataclass(frozen=True)
class Before:
    """The release before: its tables, its connections, and rows to write more of."""

    engine: AsyncEngine
    tables: Mapping[str, Table]
    rows: Mapping[str, Mapping[str, object]]

    async def write(self, connection: AsyncConnection) -> None:
        """A row into each table, every column that it knows."""
        for name, row in self.rows.items():
            fresh = {**row, "id": str(uuid4())}
            if name == "collections":
                fresh["name"] = fresh["id"]
            await connection.execute(insert(self.tables[name]), [fresh])

    async def work(self) -> None:
        """Write in a transaction, and read what every column says."""
        async with self.engine.begin() as connection:
            await self.write(connection)
        async with self.engine.begin() as connection:
            for table in self.tables.values():
                (await connection.execute(select(table).limit(3))).all()

    async def counts(self) -> set[int]:
        async with self.engine.begin() as connection:
            asked = [select(func.count()).select_from(self.tables[name]) for name in self.rows]
            return {(await connection.execute(each)).scalar_one() for each in asked}

    async def waits(self, statement: str) -> None:
        """Return when a statement that begins so waits for a lock."""
        async with self.engine.connect() as connection:
            while not (await connection.execute(text(WAITING.format(statement)))).scalar_one():
                await connection.rollback()


@asynccontextmanager
async def at(url: str, revision: str) -> AsyncIterator[Before]:
    """The release of that revision, on a database with a little of everything in it."""
    record = await postgresql.connect(url)
    async with record.begin() as tx:
        await write_a_little_of_everything(tx)
    await record.aclose()
    await downgrade(url, revision)
    engine = create_async_engine(
        url.replace("postgresql:", "postgresql+asyncpg:"),
        connect_args={"server_settings": {"lock_timeout": BOUND}},
    )
    kept = MetaData()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(kept.reflect)
            rows = {
                name: await one(connection, kept.tables[name]) for name in ("collections", "jobs")
            }
            del rows["jobs"]["position"]
            template = await one(connection, kept.tables["canonical_templates"])
        rows["camera_events"] = A_CAMERA_EVENT
        rows["evolution_events"] = AN_EVOLUTION_EVENT | {
            "cluster_id": template["cluster_id"],
            "template_id": template["id"],
        }
        yield Before(engine, kept.tables, rows)
    finally:
        await engine.dispose()


async def one(connection: AsyncConnection, table: Table) -> dict[str, object]:
    """The only row of a table."""
    (row,) = (await connection.execute(select(table))).mappings()
    return dict(row)


@pytest.mark.parametrize("revision", ["011_moves", revisions()[-2]])
async def test_what_the_release_before_writes_and_reads_goes_on_through_a_migration(
    revision: str, empty_postgresql_url: str
) -> None:
    async with at(empty_postgresql_url, revision) as before:
        migrating = asyncio.create_task(upgrade(empty_postgresql_url))
        times = 0
        while not migrating.done() or times < 5:
            await before.work()
            times += 1
        await migrating
        await before.work()
        assert await before.counts() == {times + 1, times + 2}, "a write was lost"
    assert await check(empty_postgresql_url) == []


async def test_a_migration_gives_way_to_writers_behind_it_while_it_cannot_have_a_table(
    empty_postgresql_url: str,
) -> None:
    async with at(empty_postgresql_url, "011_moves") as before:
        async with before.engine.begin() as busy:
            await before.write(busy)
            migrating = asyncio.create_task(upgrade(empty_postgresql_url))
            await before.waits("ALTER TABLE")
            await before.work()
            assert not migrating.done()
        await migrating
    assert await check(empty_postgresql_url) == []


async def test_an_index_is_made_beside_writers_and_made_anew_when_that_was_interrupted(
    empty_postgresql_url: str,
) -> None:
    async with at(empty_postgresql_url, "014_leases") as before:
        async with before.engine.begin() as busy:
            await before.write(busy)
            migrating = asyncio.create_task(upgrade(empty_postgresql_url, "015_event_words"))
            await before.waits("CREATE INDEX")
            await before.work()
            assert not migrating.done()
            migrating.cancel()
            await asyncio.gather(migrating, return_exceptions=True)
        await upgrade(empty_postgresql_url, "015_event_words")
        async with before.engine.begin() as connection:
            assert (await connection.execute(text(INDEXES))).scalar_one() is True


async def test_a_revision_that_cannot_be_had_keeps_those_before_it(
    empty_postgresql_url: str,
) -> None:
    async with at(empty_postgresql_url, "013_moderation_reviews") as before:
        async with before.engine.begin() as busy:
            await before.write(busy)
            migrating = asyncio.create_task(upgrade(empty_postgresql_url, HEAD))
            await before.waits("CREATE INDEX")
            version = await busy.execute(text("SELECT version_num FROM alembic_version"))
            assert version.scalar_one() == "014_leases"
        await migrating
