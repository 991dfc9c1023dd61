"""Workers on one record: never the same job at once, and nobody's end is the end of a job."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from another import another
from outcomes import outcome, traffic

import servers
from promptuary import Promptuary
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.canon import ingest
from promptuary.canon.mining import Outcome, Window
from promptuary.domain.jobs import Job
from promptuary.settings import Settings
from promptuary.testing.fakes.clock import HandClock
from promptuary.working import Worker

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
KILLS = 24
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


def test_every_job_takes_effect_once_however_often_its_workers_are_killed(
    tmp_path: Path, postgresql_server: servers.Server
) -> None:
    kinds = sum(find() is not None for find in servers.POSTGRESQLS.values())
    plan = {
        "root": str(tmp_path),
        "postgresql": f"postgresql://promptuary@127.0.0.1:{postgresql_server.port}/{{}}",
        "kills": KILLS // kinds,
        "seed": 20261121,
    }
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killing_workers.py"), json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["kills"] >= KILLS // kinds
    assert len(seen["after"]["jobs"]) == 15, "none was added, and none is gone"
    assert seen["after"] == seen["alone"]


async def test_one_job_of_a_tenant_is_not_behind_hundreds_of_another(postgresql_url: str) -> None:
    ran, done = list[str](), asyncio.Event()
    async with AsyncExitStack() as stack:
        records = [await connect(postgresql_url) for _ in range(2)]
        for each in records:
            stack.push_async_callback(each.aclose)
        deferring, handling = records[0], asyncio.Lock()
        async with deferring.begin() as tx:
            for n in range(200):
                await tx.jobs.defer("measure", {"whose": "busy", "n": n}, lane="busy")

        async def run(job: Job) -> bool:
            async with handling:
                ran.append(str(job.payload["whose"]))
                if len(ran) == 10:
                    async with deferring.begin() as tx:
                        await tx.jobs.defer("measure", {"whose": "small"}, lane="small")
                if ran[-1] == "small":
                    done.set()
            return False

        working = [asyncio.create_task(Worker(each, 60).run({"measure": run})) for each in records]
        await asyncio.wait_for(done.wait(), 60)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    assert ran.index("small") <= 13, "after one of the other's, and what each worker had begun"


async def test_a_collection_with_much_to_mine_lets_others_have_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mined, order = ingest._mined, list[str]()

    async def noted(canon: ingest.Canon, window: Window) -> Outcome:
        order.append(window.collection.name)
        return await mined(canon, window)

    monkeypatch.setattr(ingest, "_mined", noted)
    settings = Settings(home=tmp_path / "turns", window_prompts=20)
    async with await Promptuary.open(settings=settings) as opened:
        report = await opened.ingest(traffic(40), collection="big", place=False)
        await opened.ingest(traffic(5), collection="small", place=False)
        await opened.work(once=True)
        rest = len(order) - 1 - ingest.A_TURN
        assert rest > ingest.A_TURN
        assert order == ["big"] * ingest.A_TURN + ["small"] + ["big"] * rest
        assert report.job_id is not None
        job = await opened.job(report.job_id)
        assert (job.state, job.attempt, job.error) == ("done", 1, None)
        rows = [row async for row in opened.placements("big")]
    async with await Promptuary.open(
        settings=settings.model_copy(update={"home": tmp_path / "at once"})
    ) as alone:
        await alone.ingest(traffic(40), collection="big", complete=True)
        assert rows == [row async for row in alone.placements("big")]


async def test_a_worker_whose_clock_is_wrong_neither_steals_nor_hides_a_job(
    tmp_path: Path, postgresql_url: str, promptuary: Promptuary
) -> None:
    async def deferred(by: Promptuary, name: str, after: timedelta = timedelta(0)) -> Job:
        async with by._record.begin() as tx:
            await tx.collections.ensure(name)
            return await tx.jobs.get(
                await tx.jobs.defer("place", {"collection": name}, after=after, lane=name)
            )

    held = await deferred(promptuary, "held")
    async with promptuary._record.begin() as tx:
        await tx.jobs.claim(["place"], lease=timedelta(minutes=10))
    for hours in (-1, 1):
        wrong = HandClock(datetime.now(UTC) + timedelta(hours=hours))
        settings = Settings(home=tmp_path / f"{hours}", database_url=postgresql_url)
        async with await Promptuary.open(settings=settings, clock=wrong) as skewed:
            due = await deferred(promptuary, "due")
            later = await deferred(skewed, "later", timedelta(minutes=10))
            await skewed.work(once=True)
        now = {job.id: job for job in (await promptuary.jobs()).items}
        assert (now[held.id].state, now[held.id].fence) == ("running", 1), "held by one that lives"
        assert (now[due.id].state, now[later.id].state) == ("done", "waiting")
        assert held.created_at is not None
        assert later.created_at is not None
        assert later.created_at - held.created_at < timedelta(minutes=30), "the database's times"
