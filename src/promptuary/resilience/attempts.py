"""Trying again what may pass by itself: how often, how long, and how long between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import random

from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Attempts:
    """How to try again: `most` times in all.

    The wait doubles from half a second to eight and is drawn at random below that ("full jitter",
    M. Brooker 2015), so that callers that failed together do not come back together. What a
    RateLimited asks for is waited for, if it is within the time that is left.
    """

    clock: Clock
    most: int = 3
    draw: Callable[[], float] = random

    def begin(self, within: float) -> Trying:
        """One piece of work, which may take that many seconds in all."""
        return Trying(self, self.clock.monotonic() + within)


@dataclass(slots=True)  # changes: it counts
class Trying:
    """One piece of work that is being tried."""

    how: Attempts
    until: float
    made: int = field(default=1)

    @property
    def left(self) -> float:
        """Seconds; never below zero."""
        return max(0.0, self.until - self.how.clock.monotonic())

    async def again(self, error: Unavailable) -> None:
        """Wait until it is time to try again. Raises the error when trying is over."""
        wait = min(8.0, 0.25 * float(2**self.made)) * self.how.draw()
        if isinstance(error, RateLimited):
            wait = max(wait, error.retry_after)
        if self.made >= self.how.most or wait > self.left:
            raise error
        self.made += 1
        await self.how.clock.sleep(wait)
