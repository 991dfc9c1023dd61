"""Counting how often versions are asked for, without making anybody wait for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from promptuary.domain.errors import Unavailable
from promptuary.domain.library import UsageDay
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

GATHER_SECONDS = 2.0
"""How long uses are gathered before they are written together; a kill loses no more than these."""
MOST_GATHERED = 10_000
LONGEST_USER = 255
"""So many characters of a user's name are kept."""


class Uses:
    """Gathers uses in memory and writes them in one transaction, after a moment and at the end."""

    def __init__(self, record: UnitOfWork, clock: Clock) -> None:
        self._record = record
        self._clock = clock
        self._gathered: Counter[tuple[str, str, str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._writing = asyncio.Lock()

    def count(self, prompt_id: str, version_id: str, user: str = "") -> None:
        """That user was given that version; empty is nobody known."""
        day = f"{self._clock.now():%Y-%m-%d}"
        self._gathered[prompt_id, version_id, day, user[:LONGEST_USER]] += 1
        if self._task is None or self._task.done():
            self._hurry.clear()
            self._task = asyncio.create_task(self._write_later())
        elif len(self._gathered) >= MOST_GATHERED:
            self._hurry.set()

    async def flush(self) -> None:
        """Write what was gathered: then all that was counted before stands in the record, also what
        another flush was about to write. Raises what the record raises, and keeps it gathered."""
        async with self._writing:
            taken, self._gathered = self._gathered, Counter()
            if not taken:
                return
            try:
                await self._write(taken)
            except BaseException:
                self._gathered.update(taken)
                raise

    async def _write(self, taken: Counter[tuple[str, str, str, str]]) -> None:
        async with self._record.begin() as tx:
            await tx.library.use(
                [
                    UsageDay(prompt_id, version_id, day, uses, user)
                    for (prompt_id, version_id, day, user), uses in taken.items()
                ]
            )

    async def aclose(self) -> None:
        """Write the rest; closing twice is harmless."""
        self._hurry.set()
        if self._task is not None:
            await self._task
        await self.flush()

    async def _write_later(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER_SECONDS):
                await self._hurry.wait()
        with suppress(Unavailable):  # the next use tries again
            await self.flush()
