"""A fake model of single words."""

from __future__ import annotations

import numpy as np

from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Purpose
from promptuary.testing.fakes.embedder import FakeEmbedder


class Pairs(FakeEmbedder):
    """Words that are listed together have a cosine of .8, others of 0."""

    invariant = True

    def __init__(self, *pairs: tuple[str, str]) -> None:
        super().__init__()
        self._places = {word: (at, side) for at, pair in enumerate(pairs)
                        for side, word in enumerate(pair)}  # fmt: skip
        self.calls = 0

    def embed_now(self, texts: list[str], *, purpose: Purpose = "document") -> Vectors:
        self.calls += 1
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text in self._places:
                at, side = self._places[text]
                row[2 * at : 2 * at + 2] = (0.8, 0.6) if side else (1, 0)
        return rows
