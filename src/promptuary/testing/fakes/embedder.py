"""A fake: words hashed to directions. Quick and deterministic; knows nothing of meaning."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.embedder import Purpose


class FakeEmbedder:
    """Adds up one random direction a word, so texts that share words are near each other.

    `asked` holds every list of texts it was given, in order.
    """

    def __init__(self, dimensions: int = 16) -> None:
        self._space = Space("fake", dimensions, f"fake/{dimensions}")
        self.asked: list[tuple[str, ...]] = []
        self.closed = 0

    @property
    def space(self) -> Space:
        """A space of its own for each number of dimensions."""
        return self._space

    async def embed(
        self,
        texts: Sequence[str],
        *,
        purpose: Purpose = "document",  # noqa: ARG002  # words are words
    ) -> Vectors:
        """As the port says."""
        self.asked.append(tuple(texts))
        rows = [self._embed(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self._space.dimensions)

    async def aclose(self) -> None:
        """Counts how often."""
        self.closed += 1

    def _embed(self, text: str) -> Vectors:
        blank = np.zeros(self._space.dimensions, dtype=np.float32)
        row = sum((self._direction(word) for word in text.lower().split()), start=blank)
        return row / length if (length := float(np.linalg.norm(row))) else row

    def _direction(self, word: str) -> Vectors:
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        rng = np.random.default_rng(int.from_bytes(digest, "little"))
        return rng.normal(size=self._space.dimensions).astype(np.float32)
