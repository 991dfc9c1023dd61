"""A reranker that may not hold anybody up: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from promptuary.domain.errors import TimedOut
from promptuary.ports.clock import Clock
from promptuary.ports.reranker import Reranker
from promptuary.resilience.breaker import Breaker


class HurriedReranker:
    """Waits `seconds` for each call, and leaves a reranker alone for a while that keeps failing."""

    def __init__(self, reranker: Reranker, clock: Clock, *, seconds: float) -> None:
        self._reranker = reranker
        self._seconds = seconds
        self._breaker = Breaker(reranker.name, clock)

    @property
    def name(self) -> str:
        """The wrapped reranker's."""
        return self._reranker.name

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """As the port says. Raises TimedOut after `seconds`, Unavailable at once while it rests."""
        with self._breaker.watching():
            with anyio.move_on_after(self._seconds):
                return await self._reranker.score(query, texts)
            raise TimedOut(f"{self.name} took longer than {self._seconds:g} s")

    async def aclose(self) -> None:
        """Close the wrapped reranker."""
        await self._reranker.aclose()
