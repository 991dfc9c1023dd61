"""What every JobQueue promises. Subclass it, give it a `record` fixture, and you are done."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import TroubleError, an_id, broken_off, walked

LEASE = timedelta(minutes=5)
EXPIRED = timedelta(0)
LATER = timedelta(hours=1)


@pytest.mark.anyio
class JobQueueContract(Contract):
    """`record` is an empty record database; the queue is a part of its transactions."""

    async def test_a_deferred_job_waits_with_its_payload(self, record: UnitOfWork) -> None:
        payload: dict[str, Scalar] = {"text": "\x00\ud800", "number": 7, "share": 0.5, "yes": True}
        async with record.begin() as tx:
            job_id = await tx.jobs.defer("place", payload)
        async with record.read() as tx:
            job = await tx.jobs.get(job_id)
        assert (job.name, job.state, job.attempt, job.fence) == ("place", "waiting", 0, 0)
        assert job.payload == payload
        assert job.created_at is not None
        assert job.created_at.utcoffset() == timedelta(0)

    async def test_the_oldest_due_jobs_are_claimed_first(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            ids = [await tx.jobs.defer("place", {"n": n}) for n in range(4)]
            await tx.jobs.defer("other", {})
        first = await claim(record, limit=2)
        second = await claim(record, limit=9)
        assert [job.id for job in (*first, *second)] == ids
        assert {(job.state, job.attempt, job.fence) for job in first} == {("running", 1, 1)}
        assert await claim(record) == []

    async def test_what_is_claimed_is_what_is_kept(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record)
        async with record.read() as tx:
            assert await tx.jobs.get(job.id) == job

    async def test_a_job_deferred_until_later_is_not_due(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.jobs.defer("place", {}, after=LATER)
            due = await tx.jobs.defer("place", {}, after=-LATER)
        assert [job.id for job in await claim(record, limit=9)] == [due]

    async def test_no_job_of_another_name_is_claimed(self, record: UnitOfWork) -> None:
        await defer(record)
        async with record.begin() as tx:
            assert await tx.jobs.claim(["other"], lease=LEASE) == []
            assert await tx.jobs.claim([], lease=LEASE) == []

    async def test_a_held_job_is_not_claimed_again(self, record: UnitOfWork) -> None:
        await defer(record)
        await claim(record)
        assert await claim(record) == []

    async def test_a_job_whose_lease_ran_out_is_claimed_again(self, record: UnitOfWork) -> None:
        await defer(record)
        (old,) = await claim(record, lease=EXPIRED)
        (new,) = await claim(record)
        assert (new.id, new.attempt, new.fence) == (old.id, 2, 2)

    async def test_the_old_holder_can_write_no_more(self, record: UnitOfWork) -> None:
        await defer(record)
        (old,) = await claim(record, lease=EXPIRED)
        (new,) = await claim(record)
        async with record.begin() as tx:
            for attempt in (
                tx.jobs.checkpoint(old, {}, lease=LEASE),
                tx.jobs.finish(old),
                tx.jobs.retry(old, after=LATER, reason="late"),
                tx.jobs.requeue(old),
                tx.jobs.fail(old, reason="late"),
            ):
                with pytest.raises(LeaseLost):
                    await attempt
        async with record.read() as tx:
            assert await tx.jobs.get(new.id) == new

    async def test_a_checkpoint_is_kept_and_handed_on(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record)
        async with record.begin() as tx:
            kept = await tx.jobs.checkpoint(job, {"seq": 7}, lease=EXPIRED)
        (again,) = await claim(record)
        assert kept.checkpoint == again.checkpoint == {"seq": 7}

    async def test_a_checkpoint_extends_the_lease(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record, lease=EXPIRED)
        async with record.begin() as tx:
            await tx.jobs.checkpoint(job, {}, lease=LEASE)
        assert await claim(record) == []

    async def test_a_finished_job_is_done(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record, lease=EXPIRED)
        async with record.begin() as tx:
            await tx.jobs.finish(job)
        with pytest.raises(LeaseLost):
            async with record.begin() as tx:
                await tx.jobs.finish(job)
        assert await claim(record) == []
        assert await state_of(record, job) == ("done", None)

    async def test_a_finished_job_can_be_forgotten(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record)
        async with record.begin() as tx:
            await tx.jobs.finish(job, forget=True)
        async with record.read() as tx:
            assert (await tx.jobs.list()).total == 0
        with pytest.raises(LeaseLost):
            async with record.begin() as tx:
                await tx.jobs.finish(job, forget=True)

    async def test_a_failed_job_keeps_its_reason(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record)
        async with record.begin() as tx:
            await tx.jobs.fail(job, reason="out of luck")
        assert await claim(record) == []
        assert await state_of(record, job) == ("failed", "out of luck")

    async def test_a_job_that_was_given_up_may_be_tried_again(self, record: UnitOfWork) -> None:
        id_ = await defer(record, dedupe="one")
        (job,) = await claim(record)
        async with record.begin() as tx:
            await tx.jobs.checkpoint(job, {"at": 3}, lease=LEASE)
            with pytest.raises(Conflict):
                await tx.jobs.again(id_)
            await tx.jobs.fail(job, reason="bad")
        async with record.begin() as tx:
            waiting = await tx.jobs.again(id_)
            with pytest.raises(Conflict):
                await tx.jobs.again(id_)
            with pytest.raises(NotFound):
                await tx.jobs.again(an_id("nobody"))
        assert (waiting.state, waiting.attempt, waiting.error) == ("waiting", 0, "bad")
        (again,) = await claim(record)
        assert (again.id, again.attempt, again.checkpoint) == (id_, 1, {"at": 3})
        assert again.fence > job.fence

    async def test_a_job_given_back_runs_again_when_due(self, record: UnitOfWork) -> None:
        await defer(record)
        (job,) = await claim(record)
        async with record.begin() as tx:
            await tx.jobs.checkpoint(job, {"seq": 7}, lease=LEASE)
            await tx.jobs.retry(job, after=timedelta(0), reason="busy")
        assert await state_of(record, job) == ("waiting", "busy")
        (again,) = await claim(record)
        async with record.begin() as tx:
            await tx.jobs.retry(again, after=LATER, reason="busy")
        assert (again.attempt, again.checkpoint) == (2, {"seq": 7})
        assert await claim(record) == []

    async def test_lanes_take_turns(self, record: UnitOfWork) -> None:
        busy = [await defer(record, lane="busy") for _ in range(5)]
        ran = [job.id for job in await claim(record, limit=2)]
        other = [await defer(record, lane="other") for _ in range(2)]
        busy.append(await defer(record, lane="busy"))
        ran += [job.id for job in await claim(record, limit=9)]
        assert ran == [*busy[:3], other[0], busy[3], other[1], *busy[4:]]

    async def test_what_failed_a_lane_does_not_hold_another_up(self, record: UnitOfWork) -> None:
        for _ in range(3):
            await defer(record, lane="busy")
        tried = await claim(record, limit=3)
        other = await defer(record, lane="other")
        async with record.begin() as tx:
            await tx.jobs.retry(tried[0], after=timedelta(0), reason="busy")
            await tx.jobs.retry(tried[1], after=timedelta(0), reason="busy")
            await tx.jobs.fail(tried[2], reason="bad")
            await tx.jobs.again(tried[2].id)
        assert next(iter(await claim(record))).id == other
        assert {job.id for job in await claim(record, limit=9)} == {job.id for job in tried}

    async def test_a_job_put_back_goes_on_behind_what_waits(self, record: UnitOfWork) -> None:
        await defer(record, lane="long")
        (job,) = await claim(record)
        other = await defer(record, lane="other")
        async with record.begin() as tx:
            await tx.jobs.checkpoint(job, {"at": 3}, lease=LEASE)
            await tx.jobs.requeue(job)
        assert await state_of(record, job) == ("waiting", None)
        assert [each.id for each in await claim(record)] == [other]
        (again,) = await claim(record)
        assert (again.id, again.attempt, again.checkpoint) == (job.id, 1, {"at": 3})
        assert again.fence > job.fence

    async def test_a_waiting_job_is_not_added_twice(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            first = await tx.jobs.defer("place", {"n": 1}, dedupe="x")
            assert await tx.jobs.defer("place", {"n": 2}, dedupe="x") == first
            assert await tx.jobs.defer("place", {"n": 3}, dedupe="y") != first
            assert await tx.jobs.defer("other", {"n": 4}, dedupe="x") != first
        async with record.read() as tx:
            assert (await tx.jobs.list()).total == 3
            assert (await tx.jobs.get(first)).payload == {"n": 1}

    async def test_of_fifty_deferrals_at_once_one_is_added(self, record: UnitOfWork) -> None:
        ids = await asyncio.gather(*(defer(record, dedupe="x") for _ in range(50)))
        assert len(set(ids)) == 1

    async def test_a_job_that_runs_does_not_hide_a_new_one(self, record: UnitOfWork) -> None:
        first = await defer(record, dedupe="x")
        await claim(record)
        assert await defer(record, dedupe="x") != first

    async def test_of_jobs_with_one_key_one_runs_at_a_time(self, record: UnitOfWork) -> None:
        await defer(record, dedupe="x")
        (job,) = await claim(record)
        second = await defer(record, dedupe="x")
        await defer(record, dedupe="y")
        (other,) = await claim(record, limit=9)
        assert other.id != second
        async with record.begin() as tx:
            await tx.jobs.finish(job)
        assert [each.id for each in await claim(record, limit=9)] == [second]

    async def test_who_defers_again_and_again_holds_nobody_up(self, record: UnitOfWork) -> None:
        busy = {await defer(record, dedupe="busy") for _ in range(20)}
        other = await defer(record, dedupe="other")
        (first,) = await claim(record)
        busy.add(await defer(record, dedupe="busy"))
        (second,) = await claim(record)
        assert (first.id in busy, second.id) == (True, other)
        assert len(busy) == 2

    async def test_a_job_given_back_goes_before_a_younger_one_of_its_key(
        self, record: UnitOfWork
    ) -> None:
        first = await defer(record, dedupe="x")
        (job,) = await claim(record)
        await defer(record, dedupe="x")
        async with record.begin() as tx:
            await tx.jobs.retry(job, after=timedelta(0), reason="busy")
        assert [each.id for each in await claim(record, limit=9)] == [first]

    async def test_twenty_workers_share_the_jobs(self, record: UnitOfWork) -> None:
        ids = [await defer(record, dedupe=f"{n}" if n % 2 else None) for n in range(30)]
        claimed = await asyncio.gather(*(claim(record, limit=3) for _ in range(20)))
        left = await claim(record, limit=99)
        taken = [job.id for jobs in (*claimed, left) for job in jobs]
        assert sorted(taken) == sorted(ids)

    async def test_workers_never_run_two_jobs_of_one_key(self, record: UnitOfWork) -> None:
        for _ in range(6):
            await defer(record, dedupe="x")
            taken = await asyncio.gather(*(claim(record, limit=2) for _ in range(8)))
            (job,) = [job for jobs in taken for job in jobs]
            await defer(record, dedupe="x")
            async with record.begin() as tx:
                await tx.jobs.retry(job, after=timedelta(0), reason="busy")
            taken = await asyncio.gather(*(claim(record, limit=2) for _ in range(8)))
            (again,) = [job for jobs in taken for job in jobs]
            async with record.begin() as tx:
                await tx.jobs.finish(again)
            (rest,) = await claim(record, limit=9)
            async with record.begin() as tx:
                await tx.jobs.finish(rest)

    async def test_a_job_deferred_in_a_failed_transaction_never_was(
        self, record: UnitOfWork
    ) -> None:
        with pytest.raises(TroubleError):
            await broken_off(record, lambda tx: tx.jobs.defer("place", {}))
        assert await claim(record) == []

    async def test_an_unknown_job_is_not_found(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            for unknown in (an_id("nobody"), "no uuid"):
                with pytest.raises(NotFound):
                    await tx.jobs.get(unknown)

    async def test_jobs_are_listed_newest_first(self, record: UnitOfWork) -> None:
        ids = [await defer(record) for _ in range(5)]
        await claim(record, limit=2)
        async with record.read() as tx:
            every = await walked(lambda cursor: tx.jobs.list(cursor=cursor, limit=2))
            waiting = await tx.jobs.list(state="waiting", limit=2)
        assert [job.id for job in every] == ids[::-1]
        assert ([job.id for job in waiting.items], waiting.total) == ([ids[4], ids[3]], 3)


async def defer(record: UnitOfWork, *, dedupe: str | None = None, lane: str = "") -> str:
    """Add a job in a transaction of its own."""
    async with record.begin() as tx:
        return await tx.jobs.defer("place", {}, dedupe=dedupe, lane=lane)


async def claim(record: UnitOfWork, *, lease: timedelta = LEASE, limit: int = 1) -> list[Job]:
    """Claim jobs in a transaction of its own."""
    async with record.begin() as tx:
        return await tx.jobs.claim(["place"], lease=lease, limit=limit)


async def state_of(record: UnitOfWork, job: Job) -> tuple[str, str | None]:
    """How a job stands, and what is said of it."""
    async with record.read() as tx:
        now = await tx.jobs.get(job.id)
    return now.state, now.error
