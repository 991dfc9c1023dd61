"""The worker's loop: claim a job, run it while its lease is renewed, finish it or give it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from promptuary.domain.errors import LeaseLost, Misconfigured, PromptuaryError, Rejected
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import UnitOfWork

IDLE_SECONDS = 0.5
ATTEMPTS = 5
BACK_OFF = timedelta(seconds=2)

Handler = Callable[[Job], Awaitable[None]]


class Worker:
    """Runs jobs by name. Handlers must be idempotent: after a crash a job runs again."""

    def __init__(self, record: UnitOfWork, lease_seconds: float) -> None:
        self._record = record
        self._lease = timedelta(seconds=lease_seconds)

    async def run(self, handlers: Mapping[str, Handler], *, once: bool = False) -> None:
        """Until cancelled; with `once`, until no job is due."""
        while True:
            async with self._record.begin() as tx:
                claimed = await tx.jobs.claim(list(handlers), lease=self._lease)
            for job in claimed:
                await self._run_one(job, handlers[job.name])
            if not claimed:
                if once:
                    return
                await asyncio.sleep(IDLE_SECONDS)

    async def _run_one(self, job: Job, handler: Handler) -> None:
        renewing = asyncio.create_task(self._renew(job))
        try:
            await handler(job)
        except PromptuaryError as error:
            await self._give_back(job, error)
        else:
            with suppress(LeaseLost):
                async with self._record.begin() as tx:
                    await tx.jobs.finish(job)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError, PromptuaryError):
                await renewing

    async def _renew(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            async with self._record.begin() as tx:
                await tx.jobs.checkpoint(job, job.checkpoint, lease=self._lease)

    async def _give_back(self, job: Job, error: PromptuaryError) -> None:
        """Nothing that repeats cures what is wrong with the request or with the settings."""
        hopeless = isinstance(error, Rejected | Misconfigured) or job.attempt >= ATTEMPTS
        reason = f"{error.code}: {error}"
        with suppress(LeaseLost):
            async with self._record.begin() as tx:
                if hopeless:
                    await tx.jobs.fail(job, reason=reason)
                else:
                    await tx.jobs.retry(job, after=BACK_OFF * 2**job.attempt, reason=reason)
