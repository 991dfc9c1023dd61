"""Deferred work: a table of jobs with leases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    text,
    update,
)

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema import ACTIVE, jobs
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.pages import Page

_NEWEST = Order((jobs.c.position,), (True,))
_ORDER = (jobs.c.turn, jobs.c.position)
_ACTIVE: ColumnElement[bool] = literal_column(ACTIVE)
"""Said in the words of the indexes, which are then used; of no type, or SQLAlchemy would append
`= 1` for SQLite."""


class SqlJobQueue:
    """The port `JobQueue`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def defer(
        self,
        name: str,
        payload: Mapping[str, Scalar],
        *,
        after: timedelta = timedelta(0),
        dedupe: str | None = None,
        lane: str = "",
    ) -> str:
        """Add a job and return its id, or the id of the one that waits under the dedupe key."""
        if dedupe is not None and (waiting := await self._waiting(name, dedupe)):
            return waiting
        now = await self._db.now()
        row = {
            "id": str(uuid4()),
            "name": name,
            "dedupe": dedupe,
            "lane": lane,
            "turn": await self._turn(lane, now),
            "state": "waiting",
            "payload": dict(payload),
            "due_at": now + after,
            "created_at": now,
            "updated_at": now,
        }
        await self._db.run(insert(jobs), [row])
        self._db.news.add("jobs")
        return str(row["id"])

    async def _waiting(self, name: str, dedupe: str) -> str | None:
        if self._db.postgresql:
            # Deferrers of one key take turns, else two would each see nobody waiting.
            await self._db.run(select(func.pg_advisory_xact_lock(_lock(name, dedupe))))
        wanted = select(jobs.c.id).where(
            jobs.c.name == name, jobs.c.dedupe == dedupe, jobs.c.state == "waiting"
        )
        # Locked, so that a worker that claims it sees what this transaction wrote, or else this one
        # sees it claimed and adds another.
        row = await self._db.row(wanted.order_by(jobs.c.position).with_for_update())
        return None if row is None else row["id"]

    async def _turn(self, lane: str, now: datetime) -> int:
        """When a lane's next job is to run: after those that it has, and not before those that are
        due now. Start-time fair queueing (Goyal, Vin, Cheng 1996) with jobs of one length."""
        due = select(jobs.c.turn).where(_ACTIVE, *_due(now)).order_by(*_ORDER).limit(1)
        own = select(func.max(jobs.c.turn) + 1).where(jobs.c.lane == lane, _ACTIVE)
        return max(await self._db.number(due), await self._db.number(own))

    async def claim(self, names: Sequence[str], *, lease: timedelta, limit: int = 1) -> list[Job]:
        """Take up to `limit` due jobs, lane after lane, raising attempt and fence."""
        now = await self._db.now()
        wanted = select(jobs).where(jobs.c.name.in_(names), *_ready(now)).order_by(*_ORDER)
        rows = await self._db.rows(wanted.limit(limit).with_for_update(skip_locked=True))
        taken = update(jobs).where(jobs.c.position.in_([row["position"] for row in rows]))
        if rows:
            await self._db.run(
                taken.values(
                    state="running",
                    attempt=jobs.c.attempt + 1,
                    fence=jobs.c.fence + 1,
                    lease_until=now + lease,
                    updated_at=now,
                )
            )
        return [
            replace(
                _job(row),
                state="running",
                attempt=row["attempt"] + 1,
                fence=row["fence"] + 1,
                updated_at=now,
            )
            for row in rows
        ]

    async def checkpoint(self, job: Job, state: Mapping[str, Scalar], *, lease: timedelta) -> Job:
        """Store progress and extend the lease; raises LeaseLost for an old fence."""
        now = await self._db.now()
        kept = dict(state)
        await self._write(job, checkpoint=kept, lease_until=now + lease, updated_at=now)
        return replace(job, checkpoint=kept, updated_at=now)

    async def finish(self, job: Job, *, forget: bool = False) -> None:
        """Done; raises LeaseLost for an old fence."""
        await self._end(job, state="done", error=None)
        if forget:
            await self._db.run(delete(jobs).where(same(jobs.c.id, job.id)))

    async def retry(self, job: Job, *, after: timedelta, reason: str) -> None:
        """Give it back to run again later; raises LeaseLost for an old fence."""
        await self._wait_again(job, after=after, error=reason)

    async def requeue(self, job: Job) -> None:
        """Give it back to go on at once, behind others; raises LeaseLost for an old fence."""
        await self._wait_again(job, error=None, attempt=jobs.c.attempt - 1)
        self._db.news.add("jobs")

    async def _wait_again(
        self, job: Job, *, after: timedelta = timedelta(0), **values: object
    ) -> None:
        now = await self._db.now()
        turn = await self._turn(await self._lane(job.id), now)
        await self._end(job, state="waiting", due_at=now + after, turn=turn, **values)

    async def _lane(self, job_id: str) -> str:
        row = await self._db.row(select(jobs.c.lane).where(same(jobs.c.id, job_id)))
        return "" if row is None else row["lane"]

    async def fail(self, job: Job, *, reason: str) -> None:
        """Give up for good and keep the reason; raises LeaseLost for an old fence."""
        await self._end(job, state="failed", error=reason)

    async def again(self, job_id: str) -> Job:
        """Raises NotFound, Conflict."""
        now = await self._db.now()
        turn = await self._turn(await self._lane(job_id), now)
        failed = update(jobs).where(same(jobs.c.id, job_id), jobs.c.state == "failed")
        waiting = failed.values(state="waiting", attempt=0, due_at=now, turn=turn, updated_at=now)
        done = (await self._db.run(waiting)).rowcount
        job = await self.get(job_id)
        self._db.news.add("jobs")
        if not done:
            raise Conflict(f"job {job_id} did not fail: it is {job.state}")
        return job

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        row = await self._db.row(select(jobs).where(same(jobs.c.id, job_id)))
        if row is None:
            raise NotFound("job", job_id)
        return _job(row)

    async def list(
        self, *, state: JobState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Newest first."""
        rows: Select[Any] = select(jobs)
        total: Select[Any] = select(func.count()).select_from(jobs)
        if state is not None:
            rows, total = rows.where(jobs.c.state == state), total.where(jobs.c.state == state)
        return await Listing(f"jobs {state}", _NEWEST, cursor, limit).page(
            self._db, rows, total, _job
        )

    async def _end(self, job: Job, **values: object) -> None:
        await self._write(job, lease_until=None, updated_at=await self._db.now(), **values)

    async def _write(self, job: Job, **values: object) -> None:
        held = (same(jobs.c.id, job.id), jobs.c.fence == job.fence, jobs.c.state == "running")
        if not (await self._db.run(update(jobs).where(*held).values(**values))).rowcount:
            raise LeaseLost(f"job {job.id} is no longer held under fence {job.fence}")


def _lock(name: str, dedupe: str) -> int:
    """A number for the key; a collision of two keys only makes their deferrers wait."""
    digest = blake2b(repr((name, dedupe)).encode(), digest_size=8)
    return int.from_bytes(digest.digest(), signed=True)


def _ready(now: datetime) -> Sequence[ColumnElement[bool]]:
    """What may be claimed now."""
    free = or_(jobs.c.dedupe.is_(None), and_(*map(not_, _held_up())))
    abandoned = and_(jobs.c.state == "running", jobs.c.lease_until <= now)
    return _ACTIVE, or_(and_(*_due(now), free), abandoned)


def _due(now: datetime) -> Sequence[ColumnElement[bool]]:
    return jobs.c.state == "waiting", jobs.c.due_at <= now


def _held_up() -> Sequence[ColumnElement[bool]]:
    """Another job of the same name and key runs, or waits longer: they run one by one, in order.
    Two questions, as there is an index for each."""
    other = jobs.alias("other")
    same_key = select(other.c.position).where(
        other.c.name == jobs.c.name, other.c.dedupe == jobs.c.dedupe, other.c.dedupe.is_not(None)
    )
    running = same_key.where(text("other.state = 'running'"))
    waiting = same_key.where(text("other.state = 'waiting'"), other.c.position < jobs.c.position)
    return exists(running), exists(waiting)


def _job(row: RowMapping) -> Job:
    return Job(
        id=row["id"],
        name=row["name"],
        state=row["state"],
        payload=row["payload"],
        attempt=row["attempt"],
        fence=row["fence"],
        checkpoint=row["checkpoint"],
        error=row["error"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
