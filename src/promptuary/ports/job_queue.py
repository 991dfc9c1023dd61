"""Deferred work that survives its workers: lease, fencing token, checkpoint, dedupe key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.pages import Page


class JobQueue(Protocol):
    """Time is the database's own, so workers' clocks do not matter.

    A job whose lease has run out may be claimed again; its old holder's writes are then refused
    with LeaseLost, because each claim raises the job's fence.
    """

    async def defer(
        self,
        name: str,
        payload: Mapping[str, Scalar],
        *,
        after: timedelta = timedelta(0),
        dedupe: str | None = None,
    ) -> str:
        """Add a job and return its id. With `dedupe`, while a job of that name and key is waiting
        (not yet claimed), returns that one's id and adds nothing."""
        ...

    async def claim(self, names: Sequence[str], *, lease: timedelta, limit: int = 1) -> list[Job]:
        """Take up to `limit` due jobs, oldest first, raising attempt and fence. Of jobs with one
        name and dedupe key only one runs at a time."""
        ...

    async def checkpoint(self, job: Job, state: Mapping[str, Scalar], *, lease: timedelta) -> Job:
        """Store progress and extend the lease; raises LeaseLost for an old fence."""
        ...

    async def finish(self, job: Job) -> None:
        """Done; raises LeaseLost for an old fence."""
        ...

    async def retry(self, job: Job, *, after: timedelta, reason: str) -> None:
        """Give it back to run again later; raises LeaseLost for an old fence."""
        ...

    async def fail(self, job: Job, *, reason: str) -> None:
        """Give up for good and keep the reason; raises LeaseLost for an old fence."""
        ...

    async def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        ...

    async def list(
        self, *, state: JobState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Newest first."""
        ...
