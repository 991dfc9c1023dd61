"""An embedder that tries again: the same port in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import random

from promptuary.domain.errors import Unavailable
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.clock import Clock
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose
from promptuary.resilience.attempts import Attempts


class RetryingEmbedder:
    """Repeats what is Unavailable, `attempts` times in all and for `within` seconds at the most;
    Attempts says how long it waits."""

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
        self._attempts = Attempts(clock, attempts, draw)
        self._within = within

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises the last error when trying is over."""
        trying = self._attempts.begin(self._within)
        while True:
            try:
                return await self._embedder.embed(texts, purpose=purpose)
            except Unavailable as error:
                await trying.again(error)

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The wrapped embedder's."""
        inner = self._embedder
        return inner.cuts(texts, purpose=purpose) if isinstance(inner, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()
