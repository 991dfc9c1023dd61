"""The worker's loop: claim a job, run it while its lease is renewed, finish it or give it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Protocol

from promptuary.domain.errors import (
    LeaseLost,
    Misconfigured,
    PromptuaryError,
    Rejected,
    Unavailable,
)
from promptuary.domain.jobs import Job
from promptuary.ports._news import Announcing
from promptuary.ports.unit_of_work import UnitOfWork

IDLE_SECONDS = 0.5
"""How long to wait before looking again, for a job that is due later or was not announced."""
BACK_OFF = timedelta(seconds=2)
"""Doubled with each attempt, STEPS times at most."""
STEPS = 5

Handler = Callable[[Job], Awaitable[bool]]
"""Does some of the work; whether there is more, for which the job then queues again."""


class Worked(Protocol):
    """What `hand_on` needs of the Promptuary whose jobs they are."""

    @property
    def _worker(self) -> Worker: ...


async def hand_on(opened: Worked, name: str, handler: Handler, *, once: bool = False) -> None:
    """Claim and run the jobs of that name, of which nothing stays when they are done, until
    cancelled; with `once`, until none is due."""
    await opened._worker.run({name: handler}, once=once, forget=True)


class Worker:
    """Runs jobs by name. Handlers must be idempotent: after a crash a job runs again."""

    def __init__(self, record: UnitOfWork, lease_seconds: float) -> None:
        self._record = record
        self._lease = timedelta(seconds=lease_seconds)

    async def run(
        self, handlers: Mapping[str, Handler], *, once: bool = False, forget: bool = False
    ) -> None:
        """Until cancelled; with `once`, until no job is due; with `forget`, nothing is known of
        those that are done.

        A record that is away is waited for, unless `once` says to come back with Unavailable.
        """
        due = asyncio.Event()
        with ExitStack() as stack:
            if isinstance(self._record, Announcing):
                stack.callback(self._record.listen("jobs", due.set))
            await self._claim_and_run(handlers, due, once=once, forget=forget)

    async def _claim_and_run(
        self, handlers: Mapping[str, Handler], due: asyncio.Event, *, once: bool, forget: bool
    ) -> None:
        while True:
            due.clear()
            try:
                async with self._record.begin() as tx:
                    claimed = await tx.jobs.claim(list(handlers), lease=self._lease)
            except Unavailable:
                if once:
                    raise
                claimed = []
            for job in claimed:
                await self._run_one(job, handlers[job.name], forget=forget)
            if not claimed:
                if once:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await due.wait()

    async def _run_one(self, job: Job, handler: Handler, *, forget: bool) -> None:
        """Work and renew the lease side by side; when the lease is lost, the work is stopped."""
        working = asyncio.create_task(self._attempt(job, handler, forget=forget))
        renewing = asyncio.create_task(self._renew(job))
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, renewing):
                task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)
        if not working.cancelled():
            working.result()

    async def _attempt(self, job: Job, handler: Handler, *, forget: bool) -> None:
        try:
            more = await handler(job)
        except PromptuaryError as error:
            await self._give_back(job, error)
        else:
            with suppress(Unavailable):  # whoever claims it next finds nothing left to do
                async with self._record.begin() as tx:
                    jobs = tx.jobs
                    await (jobs.requeue(job) if more else jobs.finish(job, forget=forget))

    async def _renew(self, job: Job) -> None:
        """Returns when the lease is lost; a record that is away may be back before that."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                async with self._record.begin() as tx:
                    await tx.jobs.checkpoint(job, job.checkpoint, lease=self._lease)
            except LeaseLost:
                return
            except Unavailable:
                continue

    async def _give_back(self, job: Job, error: PromptuaryError) -> None:
        """Nothing that repeats cures what is wrong with the request or with the settings; what is
        away or full is waited for as long as it takes."""
        hopeless = isinstance(error, Rejected | Misconfigured)
        reason = f"{error.code}: {error}"
        with suppress(Unavailable):  # then the lease runs out, and the job is claimed again
            async with self._record.begin() as tx:
                if hopeless:
                    await tx.jobs.fail(job, reason=reason)
                else:
                    after = BACK_OFF * 2 ** min(job.attempt, STEPS)
                    await tx.jobs.retry(job, after=after, reason=reason)
