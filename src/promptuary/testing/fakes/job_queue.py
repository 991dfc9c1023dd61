"""A fake JobQueue; the fake record's transactions carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.pages import Page
from promptuary.testing.fakes.record_state import Deferred, State, paged


class MemoryJobQueue:
    """Its database's clock is this process's."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def defer(
        self,
        name: str,
        payload: Mapping[str, Scalar],
        *,
        after: timedelta = timedelta(0),
        dedupe: str | None = None,
        lane: str = "",
    ) -> str:
        """Add a job, or return the one that waits under the dedupe key."""
        for other in self._state.write().jobs.values():
            known = dedupe is not None and (other.job.name, other.dedupe) == (name, dedupe)
            if known and other.job.state == "waiting":
                return other.job.id
        now = datetime.now(UTC)
        job = Job(str(uuid4()), name, "waiting", dict(payload), 0, 0, {}, None, now, now)
        position = self._state.next_position()
        turn = self._turn(lane, now)
        self._state.jobs[job.id] = Deferred(job, position, dedupe, lane, turn, now + after)
        return job.id

    async def claim(self, names: Sequence[str], *, lease: timedelta, limit: int = 1) -> list[Job]:
        """Take up to `limit` due jobs, lane after lane."""
        now = datetime.now(UTC)
        taken: list[Job] = []
        for each in sorted(self._state.write().jobs.values(), key=_order):
            if len(taken) < limit and each.job.name in names and self._ready(each, now):
                job = replace(
                    each.job,
                    state="running",
                    attempt=each.job.attempt + 1,
                    fence=each.job.fence + 1,
                    updated_at=now,
                )
                self._state.jobs[job.id] = replace(each, job=job, lease_until=now + lease)
                taken.append(job)
        return taken

    def _turn(self, lane: str, now: datetime) -> int:
        """After those of the lane, and not before those that are due."""
        every = self._state.jobs.values()
        waiting = [each for each in every if each.job.state == "waiting" and each.due_at <= now]
        due = min((each.turn for each in waiting), default=0)
        own = [each for each in every if each.lane == lane]
        active = [each.turn for each in own if each.job.state in {"waiting", "running"}]
        return max([due, *(turn + 1 for turn in active)])

    def _ready(self, each: Deferred, now: datetime) -> bool:
        if each.job.state == "running":
            return each.lease_until is not None and each.lease_until <= now
        if each.job.state != "waiting" or each.due_at > now:
            return False
        return not any(_goes_before(other, each) for other in self._state.jobs.values())

    async def checkpoint(self, job: Job, state: Mapping[str, Scalar], *, lease: timedelta) -> Job:
        """Store progress and extend the lease."""
        now = datetime.now(UTC)
        kept = replace(self._held(job).job, checkpoint=dict(state), updated_at=now)
        self._state.jobs[job.id] = replace(self._held(job), job=kept, lease_until=now + lease)
        return kept

    async def finish(self, job: Job, *, forget: bool = False) -> None:
        """Done."""
        self._end(job, "done", None)
        if forget:
            del self._state.jobs[job.id]

    async def retry(self, job: Job, *, after: timedelta, reason: str) -> None:
        """Give it back to run again later."""
        self._wait_again(job, job.attempt, reason, after)

    async def requeue(self, job: Job) -> None:
        """Give it back to go on at once, behind others."""
        self._wait_again(job, job.attempt - 1, None, timedelta(0))

    def _wait_again(self, job: Job, attempt: int, reason: str | None, after: timedelta) -> None:
        held, now = self._held(job), datetime.now(UTC)
        waiting = replace(held.job, state="waiting", attempt=attempt, error=reason, updated_at=now)
        turn = self._turn(held.lane, now)
        self._state.jobs[job.id] = replace(
            held, job=waiting, lease_until=None, due_at=now + after, turn=turn
        )

    async def fail(self, job: Job, *, reason: str) -> None:
        """Give up for good."""
        self._end(job, "failed", reason)

    async def again(self, job_id: str) -> Job:
        """Raises NotFound, Conflict."""
        job, now = await self.get(job_id), datetime.now(UTC)
        if job.state != "failed":
            raise Conflict(f"job {job_id} did not fail: it is {job.state}")
        known = self._state.write().jobs
        again = replace(job, state="waiting", attempt=0, updated_at=now)
        turn = self._turn(known[job_id].lane, now)
        known[job_id] = replace(known[job_id], job=again, due_at=now, turn=turn)
        return again

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        if job_id not in self._state.jobs:
            raise NotFound("job", job_id)
        return self._state.jobs[job_id].job

    async def list(
        self, *, state: JobState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Newest first."""
        found = [each for each in self._state.jobs.values() if state in {None, each.job.state}]
        page = paged(
            found,
            lambda each: (each.position,),
            scope=f"jobs {state}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )
        return Page(tuple(each.job for each in page.items), page.next_cursor, page.total)

    def _held(self, job: Job) -> Deferred:
        held = self._state.write().jobs.get(job.id)
        if held is None or held.job.state != "running" or held.job.fence != job.fence:
            raise LeaseLost(f"job {job.id} is no longer held under fence {job.fence}")
        return held

    def _end(self, job: Job, state: JobState, error: str | None) -> None:
        held = self._held(job)
        ended = replace(held.job, state=state, error=error, updated_at=datetime.now(UTC))
        self._state.jobs[job.id] = replace(held, job=ended, lease_until=None)


def _order(each: Deferred) -> tuple[int, int]:
    return each.turn, each.position


def _goes_before(other: Deferred, each: Deferred) -> bool:
    """Jobs of one name and key run one by one, in order."""
    if each.dedupe is None or (other.job.name, other.dedupe) != (each.job.name, each.dedupe):
        return False
    waits = other.job.state == "waiting" and other.position < each.position
    return other.job.state == "running" or waits
