"""What one process commits on a PostgreSQL, another hears of at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

import servers
from promptuary import working
from promptuary.adapters.units_of_work._sql import news
from promptuary.adapters.units_of_work._sql.transaction import SqlUnitOfWork
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.adapters.units_of_work.sqlite import connect as connect_sqlite
from promptuary.domain.jobs import Job
from promptuary.testing.samples import TroubleError, an_id, broken_off
from promptuary.working import Worker

pytestmark = pytest.mark.anyio


async def opened(url: str) -> SqlUnitOfWork:
    record = await connect(url)
    assert isinstance(record, SqlUnitOfWork)
    return record


@pytest.fixture
async def records(postgresql_url: str) -> AsyncIterator[list[SqlUnitOfWork]]:
    async with AsyncExitStack() as stack:
        both = [await opened(postgresql_url) for _ in range(2)]
        for each in both:
            stack.push_async_callback(each.aclose)
        yield both


async def listening(record: SqlUnitOfWork, what: news.News) -> asyncio.Event:
    """An event that is set by news; listening has begun when this comes back."""
    heard = asyncio.Event()
    record.listen(what, heard.set)
    await asyncio.wait_for(heard.wait(), 60)  # it begins by saying that something may be new
    heard.clear()
    return heard


async def test_another_process_hears_of_jobs_and_of_the_outbox(
    records: list[SqlUnitOfWork],
) -> None:
    here, there = records
    jobs, outbox = await listening(there, "jobs"), asyncio.Event()
    there.listen("outbox", outbox.set)
    async with here.begin() as tx:
        await tx.jobs.defer("place", {})
        await tx.outbox.add("prompt", [an_id("x")])
    await asyncio.wait_for(asyncio.gather(jobs.wait(), outbox.wait()), 60)


async def test_nobody_hears_of_what_was_rolled_back_nor_of_its_own_outbox(
    records: list[SqlUnitOfWork],
) -> None:
    here, there = records
    heard = await listening(there, "outbox")
    with pytest.raises(TroubleError):
        await broken_off(here, lambda tx: tx.outbox.add("prompt", [an_id("x")]))
    async with there.begin() as tx:
        await tx.outbox.add("prompt", [an_id("y")])
    jobs = asyncio.Event()
    there.listen("jobs", jobs.set)
    async with here.begin() as tx:
        await tx.jobs.defer("place", {})
    await asyncio.wait_for(jobs.wait(), 60)
    assert not heard.is_set(), "news come in order, so nothing is on its way"


async def test_a_worker_does_not_wait_for_its_next_look(
    records: list[SqlUnitOfWork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "IDLE_SECONDS", 3600)
    ran = asyncio.Event()

    async def run(_: Job) -> bool:
        ran.set()
        return False

    here, there = records
    worker = asyncio.create_task(Worker(there, 60).run({"place": run}))
    for _ in range(2):  # the first may be heard as that something may be new
        async with here.begin() as tx:
            await tx.jobs.defer("place", {})
        await asyncio.wait_for(ran.wait(), 60)
        ran.clear()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


@pytest.mark.slow
async def test_listening_goes_on_after_the_server_was_restarted(
    records: list[SqlUnitOfWork],
    postgresql_server: servers.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(news, "PAUSE_SECONDS", 0.05)
    here, there = records
    heard = await listening(there, "outbox")
    postgresql_server.stop()
    postgresql_server.start()
    await asyncio.wait_for(heard.wait(), 60)
    heard.clear()
    async with here.begin() as tx:
        await tx.outbox.add("prompt", [an_id("x")])
    await asyncio.wait_for(heard.wait(), 60)


async def test_an_embedded_worker_hears_of_jobs_of_its_own_process(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await connect_sqlite(f"sqlite:///{tmp_path}/record.db")
    assert isinstance(record, SqlUnitOfWork)
    heard = asyncio.Event()
    stop = record.listen("jobs", heard.set)
    async with record.begin() as tx:
        await tx.jobs.defer("place", {})
    assert heard.is_set()
    heard.clear()
    stop()
    async with record.begin() as tx:
        await tx.jobs.defer("place", {})
    assert not heard.is_set()
    await record.aclose()
