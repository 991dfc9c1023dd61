"""Following the record: a task that keeps the index up to date and says when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from promptuary.canon.indexing import Indexing, catch_up, notice_loss, rebuild
from promptuary.domain.errors import PromptuaryError, Unavailable
from promptuary.domain.reports import Progress, Told, silent

PATIENCE_SECONDS = 2.0
"""How long a search waits for an index that is behind before it answers with what there is."""
GATHER_SECONDS = 0.25
"""How long changes are gathered before they are brought in together, unless a search waits."""
PAUSE_SECONDS = 2.0
"""How long to wait before looking again: for what other processes wrote, and for a part that did
not answer."""


class _StoppingError(Exception):
    """Somebody closes while the index is being brought up to date."""


class Follower:
    """Brings the index up to date whenever it is woken; one at a time, safe to stop anywhere."""

    def __init__(self, parts: Indexing) -> None:
        self._parts = parts
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._level = asyncio.Event()
        self._wanted = asyncio.Event()
        self._trouble: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._behind_since: float | None = None

    async def start(self) -> None:
        """Begin to follow; what the index missed or lost while nobody ran is brought in at once."""
        await notice_loss(self._parts)
        self._fall_behind()
        self._task = asyncio.create_task(self._follow())

    def wake(self) -> None:
        """Something was written to the outbox."""
        self._fall_behind()
        self._woken.set()

    @property
    def lag(self) -> float:
        """For how many seconds the index has been behind the record, as far as is known here."""
        since = self._behind_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    async def catch_up(self, told: Told = silent) -> None:
        """Return once everything committed before the call can be found.

        When that fails, searches and health say so until it has been made up for.
        """
        async with self._turn:
            try:
                await self._bring_in(told)
            except PromptuaryError as error:
                self._fall_behind()
                self._trouble = f"the index cannot be brought up to date: {error}"
                raise

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Indexing]:
        """The parts, while nothing is brought in."""
        async with self._turn:
            yield self._parts

    async def rebuild(self, told: Told = silent) -> None:
        """Derive the index again from the record."""
        async with self._turn:
            self._fall_behind()
            await rebuild(self._parts, told)
            self._draw_level()

    async def behind(self) -> str | None:
        """Why answers may be incomplete, or None; has an index that is behind catch up at once, and
        waits a moment for it."""
        if self._trouble is None:
            if not self._level.is_set():
                self._wanted.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._level.wait(), PATIENCE_SECONDS)
        if self._level.is_set():
            return None
        health = await self._parts.index.health()
        if health.state == "rebuilding":
            return (
                f"the index is being rebuilt ({health.entries:,} entries so far); answers lack some"
            )
        return self._trouble or "the index is behind the record; the newest prompts may be missing"

    async def ping(self) -> None:
        """Raises Unavailable while the index does not answer or is being rebuilt."""
        health = await self._parts.index.health()
        if health.state != "ok":
            raise Unavailable(health.detail or "the index is being rebuilt")
        if self._trouble:
            raise Unavailable(self._trouble)

    async def aclose(self) -> None:
        """Stop after the batch at hand; the rest is brought in at the next start."""
        self._stopping = True
        self._woken.set()
        self._wanted.set()
        if self._task is not None:
            await self._task

    async def _follow(self) -> None:
        while not self._stopping:
            self._woken.clear()
            self._wanted.clear()
            try:
                with suppress(PromptuaryError):
                    await self.catch_up(self._unless_stopping)
            except _StoppingError:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), PAUSE_SECONDS)
                await asyncio.wait_for(self._wanted.wait(), GATHER_SECONDS)

    def _unless_stopping(self, _: Progress) -> None:
        if self._stopping:
            raise _StoppingError

    async def _bring_in(self, told: Told) -> None:
        health = await self._parts.index.health()
        if health.state == "rebuilding":
            await rebuild(self._parts, told)
        else:
            await catch_up(self._parts, told)
        self._trouble = None
        if not self._woken.is_set():
            self._draw_level()

    def _fall_behind(self) -> None:
        self._level.clear()
        if self._behind_since is None:
            self._behind_since = asyncio.get_running_loop().time()

    def _draw_level(self) -> None:
        self._level.set()
        self._behind_since = None
