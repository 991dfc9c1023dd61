"""How often a caller may ask: a sliding window for each key and endpoint.

The window is the sliding-window counter: the count of the current minute plus the share of the
previous minute's count that still lies within the last sixty seconds. A refused request does not
count. The counters live in the cache, so that several servers share them; while the cache is away
each server counts alone and more strictly.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from promptuary.api.keys import Caller
from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.ports.cache import Cache
from promptuary.settings import Settings

WINDOW: Final = 60
BURST_WINDOW: Final = 10
PATIENCE_SECONDS: Final = 0.25
"""How long the cache may take before it is thought to be away."""
REST_SECONDS: Final = 1.0
"""How long a cache that was away is left in peace."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands: of `limit` requests in `window` seconds `remaining` are left;
    `reset` is in how many seconds there is more room."""

    limit: int
    window: int
    remaining: int
    reset: int

    def headers(self, now: float) -> dict[str, str]:
        """The older `X-RateLimit-*` and the standard `RateLimit` fields."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(now) + self.reset),
            "X-RateLimit-Window-Seconds": str(self.window),
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }


class TooOften(RateLimited):
    """The window is full; `standing` is what the answer's headers say."""

    def __init__(self, standing: Standing, *, retry_after: float) -> None:
        super().__init__(
            f"at most {standing.limit} requests in {standing.window} s are answered here; "
            f"try again in {math.ceil(retry_after)} s",
            retry_after=retry_after,
        )
        self.standing = standing


class Limiter:
    """Counts requests. `now` gives the time in seconds; servers that share a cache share it too."""

    def __init__(
        self, cache: Cache, settings: Settings, *, now: Callable[[], float] = time.time
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._alone = _OwnCounters(now)
        self._now = now
        self._away_until = float("-inf")

    @property
    def now(self) -> float:
        """The time that windows are cut by."""
        return self._now()

    async def count(self, caller: Caller, endpoint: str) -> Standing | None:
        """Count one request; None when the caller is not limited. Raises TooOften."""
        limit = self._limit(caller)
        if not limit:
            return None
        key = f"rate_limit:{caller.id}:{endpoint}"
        now = self._now()
        if now >= self._away_until:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await _count(self._cache, key, limit, WINDOW, now)
            except TooOften:
                raise
            except (Unavailable, TimeoutError, OSError):
                self._away_until = now + REST_SECONDS
        return await self._count_alone(key, limit, now)

    async def _count_alone(self, key: str, limit: int, now: float) -> Standing:
        """Stricter: bursts are cut too, for every server counts for itself now."""
        burst = max(self._settings.rate_limit_burst, math.ceil(limit * BURST_WINDOW / WINDOW))
        await _count(self._alone, f"{key}:burst", burst, BURST_WINDOW, now)
        return await _count(self._alone, key, limit, WINDOW, now)

    def _limit(self, caller: Caller) -> int:
        if not self._settings.rate_limit_enabled:
            return 0
        own = caller.rate_limit_per_minute
        return self._settings.rate_limit_per_minute if own is None else own


class _OwnCounters:
    """The counters of one process: what was not touched for some minutes is forgotten."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._counts: dict[str, int] = {}
        self._older: dict[str, int] = {}
        self._turned = now()

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:  # noqa: ARG002  (the port's)
        """As `Cache.increment`; a count lives at least four and at most eight minutes."""
        if self._now() - self._turned > 4 * WINDOW:
            self._older, self._counts, self._turned = self._counts, {}, self._now()
        self._counts[key] = self._counts.get(key, self._older.get(key, 0)) + amount
        return self._counts[key]


async def _count(
    counters: Cache | _OwnCounters, key: str, limit: int, window: int, now: float
) -> Standing:
    ttl = timedelta(seconds=2 * window)
    index, passed = divmod(now, window)
    share = 1 - passed / window
    before = await counters.increment(f"{key}:{int(index) - 1}", 0, ttl=ttl)
    current = await counters.increment(f"{key}:{int(index)}", 1, ttl=ttl)
    used = before * share + current
    reset = math.ceil(window - passed)
    if used <= limit:
        return Standing(limit, window, int(limit - used), reset)
    await counters.increment(f"{key}:{int(index)}", -1, ttl=ttl)
    wait = _wait(before, current - 1, limit, window, passed)
    raise TooOften(Standing(limit, window, 0, max(reset, math.ceil(wait))), retry_after=wait)


def _wait(before: int, current: int, limit: int, window: int, passed: float) -> float:
    """Seconds until one more request fits, if nobody else asks meanwhile."""
    room = limit - 1 - current
    if room >= 0:
        return max(0.0, (1 - room / before) * window - passed) if before else 0.0
    return window - passed + max(0.0, (1 - (limit - 1) / current) * window)
