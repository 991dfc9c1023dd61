"""What a server gave, kept: given again at once, asked after in the background, and still given
while the server is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from promptuary.domain.errors import PromptuaryError, Unavailable
from promptuary.domain.library import KeptPrompt
from promptuary.sdk.line import Line, Sent

FRESH_SECONDS: Final = 10.0
"""For so long nobody asks whether it is still true."""
STALE_SECONDS: Final = 3600.0
"""For so long it is given at once and asked after in the background; then the caller waits."""
MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Held:
    kept: KeptPrompt
    etag: str
    at: datetime
    missed: bool = False


class Remembered:
    """The last good answer of each request, `MOST` of them (stale-while-revalidate, RFC 5861)."""

    def __init__(
        self, line: Line, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._line = line
        self._now = now
        self._held: dict[Sent, _Held] = {}
        self._asking: dict[Sent, asyncio.Task[None]] = {}

    async def get(self, sent: Sent) -> KeptPrompt:
        """What the server gives, or gave. Raises what it raises while nothing is held, and NotFound
        as soon as it is known that it is gone."""
        held = self._held.get(sent)
        if held is None:
            return (await self._fetched(sent, None)).kept
        age = (self._now() - held.at).total_seconds()
        if age > STALE_SECONDS:
            try:
                return (await self._fetched(sent, held)).kept
            except Unavailable:
                held = self._miss(sent, held)
        elif age > FRESH_SECONDS:
            self._ask(sent, held)
        return replace(held.kept, stale_since=held.at) if held.missed else held.kept

    async def settled(self) -> None:
        """Return when nobody asks in the background."""
        while self._asking:
            await asyncio.wait(self._asking.values())

    async def aclose(self) -> None:
        """Give up what is being asked."""
        for task in self._asking.values():
            task.cancel()
        await self.settled()

    def _ask(self, sent: Sent, held: _Held) -> None:
        if sent not in self._asking:
            task = asyncio.create_task(self._again(sent, held))
            self._asking[sent] = task
            task.add_done_callback(lambda _: self._asking.pop(sent, None))

    async def _again(self, sent: Sent, held: _Held) -> None:
        try:
            await self._fetched(sent, held)
        except Unavailable:
            self._miss(sent, held)
        except PromptuaryError:  # gone, or no longer ours to see: the next who asks is told
            self._held.pop(sent, None)

    async def _fetched(self, sent: Sent, held: _Held | None) -> _Held:
        reply = await self._line.unless(sent, held.etag if held else None)
        if reply is None and held is not None:
            found = replace(held, at=self._now(), missed=False)
        else:
            body, etag = reply or (b"", "")
            found = _Held(self._line.read(KeptPrompt, body), etag, self._now())
        self._held.pop(sent, None)
        if len(self._held) >= MOST:
            with suppress(StopIteration):
                del self._held[next(iter(self._held))]
        self._held[sent] = found
        return found

    def _miss(self, sent: Sent, held: _Held) -> _Held:
        missed = replace(held, missed=True)
        self._held[sent] = missed
        return missed
