"""Following the record: a task that keeps the index up to date and says when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from promptuary.canon.indexing import Indexing, catch_up, notice_loss, reached, rebuild
from promptuary.canon.leading import Lead
from promptuary.domain.errors import LeaseLost, PromptuaryError, Unavailable
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
    """Brings the index up to date whenever it is woken; one at a time, safe to stop anywhere.

    With a lead it takes turns with the followers of other processes on the same index. Changes are
    gathered for GATHER_SECONDS, or for `gather` seconds if that is longer, unless a search waits.
    """

    def __init__(self, parts: Indexing, lead: Lead | None = None, *, gather: float = 0.0) -> None:
        self._parts = parts
        self._lead = lead
        self._gather = gather
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._wanted = asyncio.Event()
        self._turned = asyncio.Event()
        self._changes = 0
        self._brought_in = -1
        self._held = False
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
        return 0.0 if since is None else self._now() - since

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
            finally:
                self._turned.set()
                self._turned = asyncio.Event()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Indexing]:
        """The parts, while nothing is brought in."""
        async with self._turn:
            self._held = True
            try:
                if self._lead is None:
                    yield self._parts
                else:
                    async with self._lead.taken() as fence:
                        yield replace(self._parts, fence=fence)
            finally:
                self._held = False

    async def rebuild(self, told: Told = silent) -> None:
        """Derive the index again from the record."""
        async with self.held() as parts:
            self._fall_behind()
            known, began = self._changes, self._now()
            await rebuild(parts, told)
            self._reach(known, began)

    async def behind(self) -> str | None:
        """Why answers may lack something that was written before the call, or None. An index that
        is behind catches up at once, and is waited for a moment; what others write meanwhile is not
        waited for, nor is an index that somebody holds."""
        known = self._changes
        if self._brought_in < known and self._trouble is None and not self._held:
            self._wanted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while self._brought_in < known and self._trouble is None:
                        await self._turned.wait()
        if self._brought_in >= known:
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
        if self._parts.mirroring and self._parts.mirroring.trouble:
            raise Unavailable(self._parts.mirroring.trouble)

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
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._woken.wait()
                async with asyncio.timeout(max(GATHER_SECONDS, self._gather)):
                    await self._wanted.wait()

    def _unless_stopping(self, _: Progress) -> None:
        if self._stopping:
            raise _StoppingError

    async def _bring_in(self, told: Told) -> None:
        known, began = self._changes, self._now()
        if self._lead is None:
            await _brought_in(self._parts, told)
        else:
            await self._take_turns(self._lead, told)
        self._trouble = None
        self._reach(known, began)

    async def _take_turns(self, lead: Lead, told: Told) -> None:
        """Bring it in, or wait until somebody else has; who loses the lease begins again."""
        while True:
            with suppress(LeaseLost):
                async with lead.taken(reached(self._parts, told)) as fence:
                    if fence is not None:
                        await _brought_in(replace(self._parts, fence=fence), told)
                return

    def _fall_behind(self) -> None:
        self._changes += 1
        if self._behind_since is None:
            self._behind_since = self._now()

    def _reach(self, known: int, began: float) -> None:
        """All is brought in that was known by then; what came since may lack as long as that."""
        self._brought_in = known
        self._behind_since = None if known == self._changes else began

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _brought_in(parts: Indexing, told: Told) -> None:
    health = await parts.index.health()
    if health.state == "rebuilding":
        await rebuild(parts, told)
    else:
        await catch_up(parts, told)
