"""An embedder that tries again: the same port in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import random

from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.clock import Clock
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose


class RetryingEmbedder:
    """Repeats what is Unavailable, `attempts` times in all and for `within` seconds at the most.

    The wait doubles from half a second to eight and is drawn at random below that ("full jitter",
    M. Brooker 2015), so that callers that failed together do not come back together. What a
    RateLimited asks for is waited for, if it is within the time that is left.
    """

    def __init__(
        self,
        embedder: Embedder,
        clock: Clock,
        *,
        attempts: int = 3,
        within: float = 60.0,
        draw: Callable[[], float] = random,
    ) -> None:
        self._embedder = embedder
        self._clock = clock
        self._attempts = attempts
        self._within = within
        self._draw = draw

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises the last error when trying is over."""
        until = self._clock.monotonic() + self._within
        attempt = 1
        while True:
            try:
                return await self._embedder.embed(texts, purpose=purpose)
            except Unavailable as error:
                wait = self._wait(error, attempt)
                if attempt >= self._attempts or self._clock.monotonic() + wait > until:
                    raise
            await self._clock.sleep(wait)
            attempt += 1

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The wrapped embedder's."""
        inner = self._embedder
        return inner.cuts(texts, purpose=purpose) if isinstance(inner, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()

    def _wait(self, error: Unavailable, attempt: int) -> float:
        wait = min(8.0, 0.25 * float(2**attempt)) * self._draw()
        return max(wait, error.retry_after) if isinstance(error, RateLimited) else wait
