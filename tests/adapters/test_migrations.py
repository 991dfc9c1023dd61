import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from promptuary.adapters.units_of_work import _sql, postgresql, sqlite
from promptuary.adapters.units_of_work._migrating import check, downgrade, upgrade
from promptuary.adapters.units_of_work._sql.tables import HEAD
from promptuary.domain.errors import Misconfigured
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.unit_of_work import found, write_a_little_of_everything

pytestmark = pytest.mark.slow
MIGRATIONS = Path(_sql.__file__).parent / "migrations"

SHAPES = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master",
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
               column_default, collation_name
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
}


async def opened(url: str) -> UnitOfWork:
    return await (sqlite if url.startswith("sqlite") else postgresql).connect(url)


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Rows of all statements, in an order of their own."""
    driver = url.replace("sqlite:", "sqlite+aiosqlite:").replace(
        "postgresql:", "postgresql+asyncpg:"
    )
    engine = create_async_engine(driver)
    rows: list[tuple[object, ...]] = []
    async with engine.begin() as connection:
        for statement in statements:
            done = await connection.execute(text(statement))
            rows += [tuple(row) for row in done] if done.returns_rows else []
    await engine.dispose()
    return rows


async def shape(url: str) -> list[str]:
    """Every table, column, index and constraint, in words whose order does not matter."""
    kinds = ["sqlite"] if url.startswith("sqlite") else ["columns", "indexes", "constraints"]
    rows = await run(url, *(SHAPES[kind] for kind in kinds))
    # A table that SQLite had to make anew has its name in quotes.
    plain = (" ".join(map(str, row)).replace('"', "") for row in rows)
    return sorted(" ".join(sorted(row.split())) for row in plain)


def test_the_code_knows_the_newest_revision() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


@pytest.mark.anyio
class Migrations:
    """What holds on both databases; `url` is an empty one."""

    async def test_up_down_and_up_again_with_data(self, url: str) -> None:
        for _ in range(2):
            await upgrade(url)
            record = await opened(url)
            async with record.begin() as tx:
                await write_a_little_of_everything(tx)
            async with record.read() as tx:
                assert await found(tx) == [1] * 8
            await record.aclose()
            await upgrade(url)
            assert await check(url) == []
            await downgrade(url, "base")
            assert len(await check(url)) >= 18

    async def test_a_database_made_at_once_equals_a_migrated_one(self, url: str) -> None:
        await upgrade(url)
        migrated = await shape(url)
        await downgrade(url, "base")
        record = await opened(url)
        await record.aclose()
        assert await shape(url) == migrated
        assert len(migrated) > 30

    @pytest.mark.parametrize(
        ("damage", "noticed"),
        [
            ("ALTER TABLE prompts DROP COLUMN source", "source"),
            ("ALTER TABLE prompts ADD COLUMN mood TEXT", "mood"),
            ("DROP INDEX ix_clusters_created_at", "ix_clusters_created_at"),
            ("DROP TABLE replies", "replies"),
        ],
    )
    async def test_drift_is_noticed(self, url: str, damage: str, noticed: str) -> None:
        await upgrade(url)
        await run(url, damage)
        differences = await check(url)
        assert len(differences) == 1
        assert noticed in differences[0]

    async def test_a_record_of_a_newer_version_is_refused(self, url: str) -> None:
        await upgrade(url)
        await run(url, "UPDATE alembic_version SET version_num = '999_from_the_future'")
        with pytest.raises(Misconfigured, match="999_from_the_future"):
            await opened(url)

    async def test_an_unknown_revision_is_refused(self, url: str) -> None:
        with pytest.raises(Misconfigured, match="nowhere"):
            await upgrade(url, "nowhere")

    async def test_two_may_migrate_at_once(self, url: str) -> None:
        await asyncio.gather(upgrade(url), upgrade(url), upgrade(url))
        assert await check(url) == []


class TestSqlite(Migrations):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/record.db"


class TestPostgresql(Migrations):
    @pytest.fixture
    def url(self, empty_postgresql_url: str) -> str:
        return empty_postgresql_url


OPEN = """
import asyncio, sys
from promptuary.adapters.units_of_work.sqlite import connect

async def twice():
    for _ in range(2):
        await (await connect(sys.argv[1])).aclose()

asyncio.run(twice())
sys.exit("alembic" in sys.modules)
"""


@pytest.mark.slow
def test_neither_a_new_nor_a_current_record_loads_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/record.db"
    assert subprocess.run([sys.executable, "-c", OPEN, url], check=False).returncode == 0
