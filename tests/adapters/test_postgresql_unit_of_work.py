import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

import servers
from promptuary.adapters.units_of_work._sql.transaction import SqlUnitOfWork
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.domain.errors import Busy, Misconfigured, MissingExtra, TimedOut, Unavailable
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.job_queue import JobQueueContract
from promptuary.testing.samples import HOME_ID, new_prompt, save
from promptuary.testing.unit_of_work import UnitOfWorkContract


@pytest.fixture
async def record(postgresql_url: str) -> AsyncIterator[UnitOfWork]:
    record = await connect(postgresql_url)
    yield record
    await record.aclose()


class TestPostgresql(UnitOfWorkContract):
    pass


class TestPostgresqlJobs(JobQueueContract):
    pass


async def total(record: UnitOfWork) -> int:
    async with record.read() as tx:
        return (await tx.prompts.list()).total


@pytest.mark.anyio
async def test_what_was_saved_is_there_after_reopening(postgresql_url: str) -> None:
    for text in ("a", "b"):
        record = await connect(postgresql_url)
        await save(record, text)
        kept = await total(record)
        await record.aclose()
    assert kept == 2


@pytest.mark.anyio
async def test_many_may_open_an_empty_database_at_once(empty_postgresql_url: str) -> None:
    records = await asyncio.gather(*(connect(empty_postgresql_url) for _ in range(6)))
    await asyncio.gather(*(save(each, f"{i}") for i, each in enumerate(records)))
    assert await total(records[0]) == 6
    for each in records:
        await each.aclose()


@pytest.mark.anyio
async def test_several_processes_leave_no_gap_and_skip_no_row(postgresql_url: str) -> None:
    records = [await connect(postgresql_url) for _ in range(4)]

    async def write(record: UnitOfWork, number: int) -> None:
        async with record.begin() as tx:
            home = await tx.collections.ensure("default")
            (saved,) = await tx.prompts.add(home.id, [new_prompt(f"{number}")])
            await tx.outbox.add("prompt", [saved.prompt_id])

    await asyncio.gather(*(write(records[i % 4], i) for i in range(40)))
    async with records[0].read() as tx:
        prompts = await tx.prompts.after(HOME_ID, 0, limit=99)
        told = await tx.outbox.after(0, limit=99)
    assert [prompt.seq for prompt in prompts] == list(range(1, 41))
    assert [row.entity_id for row in told] == [prompt.id for prompt in prompts]
    for each in records:
        await each.aclose()


@pytest.mark.anyio
async def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(
    record: UnitOfWork,
) -> None:
    await save(record, "a", home="left")
    await save(record, "a", home="right")
    held = asyncio.Barrier(2)

    async def cross(first: str, second: str) -> None:
        async with record.begin() as tx:
            for home in (first, second):
                await tx.prompts.add(
                    (await tx.collections.get(home)).id, [new_prompt(first, home=home)]
                )
                if home == first:
                    await held.wait()

    outcomes = await asyncio.gather(
        cross("left", "right"), cross("right", "left"), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [Busy]


@pytest.mark.anyio
@pytest.mark.slow
async def test_a_restart_of_the_server_is_survived(
    postgresql_server: servers.Server, record: UnitOfWork
) -> None:
    await save(record, "before")
    postgresql_server.stop()
    try:
        with pytest.raises(Unavailable):
            await record.ping()
        with pytest.raises(Unavailable):
            await save(record, "meanwhile")
    finally:
        postgresql_server.start()
    await save(record, "after")
    assert await total(record) == 2


@pytest.mark.anyio
async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await connect(f"postgresql://promptuary@127.0.0.1:{servers.free_port()}/record")


@pytest.mark.anyio
async def test_a_database_that_does_not_exist_is_a_wrong_setting(postgresql_url: str) -> None:
    with pytest.raises(Misconfigured):
        await connect(f"{postgresql_url}_nowhere")


@pytest.mark.anyio
async def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(Misconfigured, match="sslmode"):
        await connect("postgresql://promptuary@127.0.0.1/record?colour=blue")


@pytest.mark.anyio
async def test_the_options_of_a_url_reach_the_server(
    postgresql_server: servers.Server, postgresql_url: str
) -> None:
    database = postgresql_url.rpartition("/")[2]
    options = f"host={postgresql_server.home}&application_name=here&connect_timeout=5"
    port = postgresql_server.port
    record = await connect(f"postgresql://promptuary@:{port}/{database}?{options}&sslmode=disable")
    await record.ping()
    await record.aclose()


@pytest.mark.anyio
async def test_a_server_that_is_away_is_passed_over_for_the_next(
    postgresql_server: servers.Server, postgresql_url: str
) -> None:
    database = postgresql_url.rpartition("/")[2]
    hosts = f"host=127.0.0.1:{servers.free_port()}&host=127.0.0.1:{postgresql_server.port}"
    place = f"postgresql://promptuary@/{database}?{hosts}&target_session_attrs=primary&pool_size=1"
    record = await connect(place)
    await save(record, "here")
    assert await total(record) == 1
    await record.aclose()


@pytest.mark.anyio
async def test_a_statement_that_takes_too_long_is_ended_by_the_server(postgresql_url: str) -> None:
    record = await connect(f"{postgresql_url}?statement_timeout=1")
    assert isinstance(record, SqlUnitOfWork)
    with pytest.raises(TimedOut):
        async with record.read() as tx:
            await tx.jobs._db.run(sa.text("SELECT pg_sleep(60)"))
    await record.ping()
    await record.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "option",
    [
        "pool_size=0",
        "pool_size=many",
        "statement_timeout=-1",
        "target_session_attrs=whoever",
        "host=one&host=two:5432",
    ],
)
async def test_an_option_that_cannot_be_meant_is_refused(option: str) -> None:
    with pytest.raises(Misconfigured):
        await connect(f"postgresql://promptuary@127.0.0.1/record?{option}")


@pytest.mark.anyio
async def test_without_its_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(MissingExtra, match=r"promptuary\[postgresql\]"):
        await connect("postgresql://promptuary@127.0.0.1/record")
