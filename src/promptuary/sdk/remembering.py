"""What a server gave, kept: given again at once, asked after in the background, and still given
while the server is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from promptuary.domain.errors import PromptuaryError, Rejected, Unavailable
from promptuary.domain.library import KeptPrompt
from promptuary.sdk.folder_cache import FolderCache, Good
from promptuary.sdk.line import Line, Sent

FRESH_SECONDS: Final = 10.0
"""For so long nobody asks whether it is still true."""
STALE_SECONDS: Final = 3600.0
"""For so long after the server was asked it is given at once, and asked after in the background;
then the caller waits."""
MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Held:
    good: Good
    asked: datetime
    missed: bool = False


class Remembered:
    """The last good answer of each request, `MOST` of them (stale-while-revalidate, RFC 5861). With
    a `cache`, those that processes before this one had, while the server is away."""

    def __init__(
        self,
        line: Line,
        cache: FolderCache | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._line = line
        self._cache = cache
        self._now = now
        self._held: dict[Sent, _Held] = {}
        self._asking: dict[Sent, asyncio.Task[None]] = {}

    async def get(self, sent: Sent) -> KeptPrompt:
        """What the server gives, or gave. Raises what it raises while nothing is held, and NotFound
        as soon as it is known that it is gone."""
        held = self._held.get(sent)
        age = (self._now() - held.asked).total_seconds() if held else 0.0
        if held is None or age > STALE_SECONDS:
            held = await self._asked(sent, held.good if held else await self._before(sent))
        elif held.missed or age > FRESH_SECONDS:
            self._ask(sent, held.good)
        good = held.good
        return replace(good.kept, stale_since=good.at) if held.missed else good.kept

    async def settled(self) -> None:
        """Return when nobody asks in the background."""
        while self._asking:
            await asyncio.wait(self._asking.values())

    async def aclose(self) -> None:
        """Give up what is being asked."""
        for task in self._asking.values():
            task.cancel()
        await self.settled()

    def _ask(self, sent: Sent, good: Good) -> None:
        if sent not in self._asking:
            task = asyncio.create_task(self._again(sent, good))
            self._asking[sent] = task
            task.add_done_callback(lambda _: self._asking.pop(sent, None))

    async def _again(self, sent: Sent, good: Good) -> None:
        with suppress(PromptuaryError):  # the next who asks is told
            await self._asked(sent, good)

    async def _asked(self, sent: Sent, good: Good | None) -> _Held:
        """What holds now: what was good while the server is away. What it refuses is given up."""
        try:
            good = await self._fetched(sent, good)
        except Unavailable:
            if good is None:
                raise
            return self._hold(sent, _Held(good, self._now(), missed=True))
        except PromptuaryError as error:
            self._held.pop(sent, None)
            if self._cache and isinstance(error, Rejected):
                await self._cache.drop(sent)
            raise
        held = self._hold(sent, _Held(good, self._now()))
        if self._cache:
            await self._cache.put(sent, good)
        return held

    async def _fetched(self, sent: Sent, good: Good | None) -> Good:
        reply = await self._line.unless(sent, good.etag if good else None)
        if reply is None and good is not None:
            return replace(good, at=self._now())
        body, etag = reply or (b"", "")
        return Good(self._line.read(KeptPrompt, body), etag, self._now())

    async def _before(self, sent: Sent) -> Good | None:
        return await self._cache.get(sent) if self._cache else None

    def _hold(self, sent: Sent, held: _Held) -> _Held:
        self._held.pop(sent, None)
        if len(self._held) >= MOST:
            del self._held[next(iter(self._held))]
        self._held[sent] = held
        return held
