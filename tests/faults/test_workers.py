"""Workers on one record: never the same job at once, and nobody's end is the end of a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from another import another
from outcomes import outcome, traffic

from promptuary import Promptuary
from promptuary.canon import ingest
from promptuary.canon.mining import Outcome, Window
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

COLLECTIONS = [f"team-{n}" for n in range(12)]


@pytest.fixture
async def promptuary(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Promptuary]:
    settings = Settings(home=tmp_path / "own", database_url=postgresql_url)
    async with await Promptuary.open(settings=settings) as opened:
        yield opened


async def test_two_workers_never_run_one_job_at_once(
    tmp_path: Path, postgresql_url: str, promptuary: Promptuary
) -> None:
    for name in COLLECTIONS:
        await promptuary.ingest(traffic(6), collection=name, place=False)
    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(
                another("work", home=tmp_path / str(n), database_url=postgresql_url)
            )
            for n in range(2)
        ]
        held = [await worker.said() for worker in workers]  # each is in the middle of one
        for worker in workers:
            await worker.go_on()
        ran = held + [job for worker in workers for job in await worker.told()]
    assert sorted(ran) == sorted(job.id for job in (await promptuary.jobs(limit=100)).items)
    assert [job.state for job in (await promptuary.jobs(limit=100)).items] == ["done"] * 12
    assert {line.collection for line in (await promptuary.templates()).items} == set(COLLECTIONS)


async def test_the_job_of_a_killed_worker_is_taken_over_when_its_lease_has_run_out(
    tmp_path: Path, postgresql_url: str, promptuary: Promptuary
) -> None:
    await promptuary.ingest(traffic(12), place=False)
    place = {"database_url": postgresql_url, "worker_lease_seconds": 3}
    async with another("hang", home=tmp_path / "killed", **place) as killed:
        assert await killed.said() == "in the middle"
        (job,) = (await promptuary.jobs()).items
        assert (job.state, job.attempt) == ("running", 1)
        await promptuary.work(once=True)
        assert (await promptuary.job(job.id)).attempt == 1, "taken from a worker that lives"
        await killed.kill()
    while (await promptuary.job(job.id)).state != "done":
        await promptuary.work(once=True)
    assert (await promptuary.job(job.id)).attempt == 2
    async with await Promptuary.open(tmp_path / "unharmed") as other:
        await other.ingest(traffic(12))
        assert await outcome(promptuary) == await outcome(other)


async def test_a_window_that_somebody_else_placed_meanwhile_is_left_to_them(
    tmp_path: Path,
    postgresql_url: str,
    promptuary: Promptuary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two processes, here two record connections, mine the same window; one comes second."""
    mined = ingest._mined
    both = asyncio.Barrier(2)

    async def at_once(canon: ingest.Canon, window: Window) -> Outcome:
        done = await mined(canon, window)
        await asyncio.wait_for(both.wait(), 60)
        return done

    settings = Settings(home=tmp_path / "second", database_url=postgresql_url)
    async with await Promptuary.open(settings=settings) as second:
        await promptuary.ingest(traffic(12), place=False)
        monkeypatch.setattr(ingest, "_mined", at_once)
        await asyncio.gather(promptuary.settle(), second.settle())
        seen = await outcome(second)
    async with await Promptuary.open(tmp_path / "alone") as alone:
        monkeypatch.undo()
        await alone.ingest(traffic(12))
        assert seen == await outcome(alone)
