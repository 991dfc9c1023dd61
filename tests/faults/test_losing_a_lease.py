"""A worker and its record, when the lease runs out or the record goes away."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from promptuary import working
from promptuary.domain.errors import StorageFull, Unavailable
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import Transaction
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.working import Worker

pytestmark = pytest.mark.anyio


class Record(MemoryUnitOfWork):
    """A fake record that can be away."""

    away = False

    def __init__(self) -> None:
        super().__init__()
        self.refused = asyncio.Semaphore(0)

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        if self.away:
            self.refused.release()
            raise Unavailable("the record is away")
        return super().begin()


@pytest.fixture
async def record() -> Record:
    """With one job in it."""
    made = Record()
    async with made.begin() as tx:
        await tx.jobs.defer("place", {})
    return made


async def state_of_the_job(record: Record) -> str:
    async with record.read() as tx:
        (job,) = (await tx.jobs.list()).items
    return job.state


async def test_a_worker_whose_lease_was_taken_stops_in_the_middle(record: Record) -> None:
    stopped: list[str] = []

    async def robbed(job: Job) -> bool:
        async with record.begin() as tx:
            await tx.jobs.checkpoint(job, {}, lease=timedelta(0))
            assert await tx.jobs.claim(["place"], lease=timedelta(hours=1))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(job.id)
            raise
        return False

    await asyncio.wait_for(Worker(record, 0.03).run({"place": robbed}, once=True), 60)
    assert len(stopped) == 1
    assert await state_of_the_job(record) == "running"


async def test_a_worker_waits_for_a_record_that_is_away(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "IDLE_SECONDS", 0)
    ran = asyncio.Event()

    async def run(_: Job) -> bool:
        ran.set()
        return False

    record.away = True
    worker = asyncio.create_task(Worker(record, 60).run({"place": run}))
    for _ in range(3):
        await asyncio.wait_for(record.refused.acquire(), 60)
    record.away = False
    await asyncio.wait_for(ran.wait(), 60)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await state_of_the_job(record) == "done"


async def test_work_outlives_a_record_that_is_away_when_the_lease_is_renewed(
    record: Record,
) -> None:
    async def work(_: Job) -> bool:
        record.away = True
        for _ in range(2):
            await asyncio.wait_for(record.refused.acquire(), 60)
        record.away = False
        return False

    await Worker(record, 0.09).run({"place": work}, once=True)
    assert await state_of_the_job(record) == "done"


async def test_a_full_disk_is_never_a_reason_to_give_a_job_up(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BACK_OFF", timedelta(0))
    attempts: list[int] = []

    async def work(job: Job) -> bool:
        attempts.append(job.attempt)
        if job.attempt < 20:
            raise StorageFull("no room")
        return False

    await Worker(record, 60).run({"place": work}, once=True)
    assert attempts == list(range(1, 21))
    assert await state_of_the_job(record) == "done"
