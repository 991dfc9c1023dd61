"""An embedder with others to turn to in the same space: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.errors import SpaceMismatch, Unavailable
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose


class FallbackEmbedder:
    """Asks the first; while that is Unavailable, the next. All must share one space, so that nobody
    can tell from a vector who made it: raises SpaceMismatch when they do not."""

    def __init__(self, first: Embedder, *others: Embedder) -> None:
        for other in others:
            if other.space.fingerprint != first.space.fingerprint:
                raise SpaceMismatch(
                    f"{other.space.name} cannot stand in for {first.space.name}: another space"
                )
        self._embedders = (first, *others)

    @property
    def space(self) -> Space:
        """The one they share."""
        return self._embedders[0].space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises what the last of them raised when all are away."""
        for embedder in self._embedders[:-1]:
            try:
                return await embedder.embed(texts, purpose=purpose)
            except Unavailable:
                continue
        return await self._embedders[-1].embed(texts, purpose=purpose)

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The first one's."""
        first = self._embedders[0]
        return first.cuts(texts, purpose=purpose) if isinstance(first, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close them all."""
        for embedder in self._embedders:
            await embedder.aclose()
