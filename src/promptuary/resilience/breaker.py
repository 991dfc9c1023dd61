"""An embedder that is left alone while it fails: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.clock import Clock
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose


class BreakingEmbedder:
    """After `failures` Unavailable in a row nothing is sent for `rest` seconds; then one call is
    let through, and what becomes of it decides. Each stands for one model of one endpoint."""

    def __init__(
        self, embedder: Embedder, clock: Clock, *, failures: int = 5, rest: float = 30.0
    ) -> None:
        self._embedder = embedder
        self._clock = clock
        self._most = failures
        self._rest = rest
        self._failed = 0
        self._open_until = 0.0

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises Unavailable at once while it rests."""
        now = self._clock.monotonic()
        if self._failed >= self._most:
            if now < self._open_until:
                left = self._open_until - now
                name = self.space.name
                raise Unavailable(f"{name} failed {self._failed} times; it rests {left:.0f} s more")
            self._open_until = now + self._rest  # others rest on while this one tries
        try:
            rows = await self._embedder.embed(texts, purpose=purpose)
        except RateLimited:
            raise  # a busy endpoint is not a broken one
        except Unavailable:
            self._failed += 1
            self._open_until = self._clock.monotonic() + self._rest
            raise
        self._failed = 0
        return rows

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The wrapped embedder's."""
        inner = self._embedder
        return inner.cuts(texts, purpose=purpose) if isinstance(inner, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()
