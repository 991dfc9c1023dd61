"""Row-level security: whoever reads the database by themselves sees one tenant at most."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from promptuary.adapters.units_of_work._migrating import check, isolate
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.domain.errors import Unsupported
from promptuary.testing.record_library import a_prompt, a_version, keep
from promptuary.testing.samples import save

pytestmark = pytest.mark.anyio
READER = "tests_row_security"
COUNTS = {
    name: f"SELECT count(*) FROM {name}"
    for name in ("library_prompts", "library_versions", "prompts", "api_keys")
}


@pytest.fixture
async def reader(empty_postgresql_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A session of a user who may read every table, beside a record with a kept prompt."""
    record = await connect(empty_postgresql_url)
    async with record.begin() as tx:
        await keep(tx, a_prompt("hello", tenant="ours"), [a_version("hello", tenant="ours")])
    await save(record, "a prompt of nobody's")
    owner = await asyncpg.connect(empty_postgresql_url)
    await owner.execute(f"CREATE ROLE {READER} LOGIN")
    await owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
    session = await asyncpg.connect(empty_postgresql_url, user=READER)
    try:
        yield session
    finally:
        await session.close()
        await owner.execute(f"DROP OWNED BY {READER}")
        await owner.execute(f"DROP ROLE {READER}")
        await owner.close()
        await record.aclose()


async def counts(session: asyncpg.Connection) -> dict[str, int]:
    return {name: await session.fetchval(asked) for name, asked in COUNTS.items()}


async def test_a_session_sees_its_own_tenant_and_nothing_else(
    reader: asyncpg.Connection, empty_postgresql_url: str
) -> None:
    everything = await counts(reader)
    assert everything["library_prompts"] == everything["library_versions"] == 1
    for _ in range(2):  # twice is once
        await isolate(empty_postgresql_url)
    nothing = dict.fromkeys(COUNTS, 0)
    assert await counts(reader) == nothing, "no tenant is named"
    for other in ("somebody else", ""):
        await reader.execute(f"SET promptuary.tenant = '{other}'")
        assert await counts(reader) == nothing
    await reader.execute("SET promptuary.tenant = 'ours'")
    assert await counts(reader) == {**nothing, "library_prompts": 1, "library_versions": 1}
    record = await connect(empty_postgresql_url)
    async with record.read() as tx:
        assert (await tx.prompts.list()).total == 1, "the owner goes on"
    await record.aclose()
    assert await check(empty_postgresql_url) == []
    await isolate(empty_postgresql_url, on=False)
    assert await counts(reader) == everything


async def test_a_file_has_no_such_thing(tmp_path: object) -> None:
    with pytest.raises(Unsupported):
        await isolate(f"sqlite:///{tmp_path}/record.db")
