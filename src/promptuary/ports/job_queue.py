"""Deferred work that survives its workers: lease, fencing token, checkpoint, dedupe key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.pages import Page


class JobQueue(Protocol):
    """A part of the record's transactions: a job is there when the one that deferred it commits.

    Time is the database's own, so workers' clocks do not matter. A job whose lease has run out may
    be claimed again; its old holder's writes are then refused with LeaseLost, because each claim
    raises the job's fence. Until somebody claims it, its holder may still write.
    """

    async def defer(
        self,
        name: str,
        payload: Mapping[str, Scalar],
        *,
        after: timedelta = timedelta(0),
        dedupe: str | None = None,
        lane: str = "",
    ) -> str:
        """Add a job that is due `after` now and return its id. With `dedupe`, while a job of that
        name and key is waiting, returns that one's id and adds nothing: whoever claims it will see
        what this transaction wrote. `lane` says whose work it is (a tenant, a collection)."""
        ...

    async def claim(self, names: Sequence[str], *, lease: timedelta, limit: int = 1) -> list[Job]:
        """Take up to `limit` due jobs, raising attempt and fence; two that claim at once get
        different jobs. Lanes take turns, and within a lane the oldest goes first: whoever comes to
        a queue that is full of another lane's jobs waits for one of them, not for all. Jobs with
        one name and dedupe key run one at a time, in the order they were added. A `lease` of zero
        has run out at once."""
        ...

    async def checkpoint(self, job: Job, state: Mapping[str, Scalar], *, lease: timedelta) -> Job:
        """Store progress, for whoever claims the job next, and let the lease run from now; raises
        LeaseLost for an old fence or a job that has ended."""
        ...

    async def finish(self, job: Job, *, forget: bool = False) -> None:
        """Done, and with `forget` nothing is known of it any more; raises LeaseLost for an old
        fence or a job that has ended."""
        ...

    async def retry(self, job: Job, *, after: timedelta, reason: str) -> None:
        """Give it back to run again `after` now, behind what waits by then, keeping its checkpoint
        and the reason; raises LeaseLost for an old fence or a job that has ended."""
        ...

    async def requeue(self, job: Job) -> None:
        """Give it back unfinished, to go on at once behind what waits by now; it keeps its
        checkpoint, and this was no attempt. Raises LeaseLost for an old fence or a job that has
        ended."""
        ...

    async def fail(self, job: Job, *, reason: str) -> None:
        """Give up for good and keep the reason; raises LeaseLost for an old fence or a job that has
        ended."""
        ...

    async def again(self, job_id: str) -> Job:
        """Let a job that was given up for good wait again, due at once, as if nobody had tried it;
        it keeps its checkpoint and the reason. Raises NotFound, Conflict for one that did not
        fail."""
        ...

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        ...

    async def list(
        self, *, state: JobState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Newest first."""
        ...
