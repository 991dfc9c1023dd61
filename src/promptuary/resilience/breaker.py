"""What fails is left alone for a while: the same port in and out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.clock import Clock
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose

FAILURES = 5
REST_SECONDS = 30.0


class Breaker:
    """After `failures` Unavailable in a row nothing is let through for `rest` seconds; then one
    call is, and what becomes of it decides. Each stands for one model of one endpoint."""

    def __init__(
        self, name: str, clock: Clock, *, failures: int = FAILURES, rest: float = REST_SECONDS
    ) -> None:
        self._name = name
        self._clock = clock
        self._most = failures
        self._rest = rest
        self._failed = 0
        self._open_until = 0.0

    @property
    def resting(self) -> bool:
        """Whether nothing would be let through now."""
        return self._failed >= self._most and self._clock.monotonic() < self._open_until

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one call. Raises Unavailable at once while it rests."""
        self._enter()
        try:
            yield
        except RateLimited:
            raise  # a busy endpoint is not a broken one
        except Unavailable:
            self._failed += 1
            self._open_until = self._clock.monotonic() + self._rest
            raise
        self._failed = 0

    def _enter(self) -> None:
        if self._failed < self._most:
            return
        now = self._clock.monotonic()
        if now < self._open_until:
            left = self._open_until - now
            raise Unavailable(
                f"{self._name} failed {self._failed} times; it rests {left:.0f} s more"
            )
        self._open_until = now + self._rest  # others rest on while this one tries


class BreakingEmbedder:
    """An embedder behind a Breaker."""

    def __init__(
        self,
        embedder: Embedder,
        clock: Clock,
        *,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
    ) -> None:
        self._embedder = embedder
        self._breaker = Breaker(embedder.space.name, clock, failures=failures, rest=rest)

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises Unavailable at once while it rests."""
        with self._breaker.watching():
            return await self._embedder.embed(texts, purpose=purpose)

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The wrapped embedder's."""
        inner = self._embedder
        return inner.cuts(texts, purpose=purpose) if isinstance(inner, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()
