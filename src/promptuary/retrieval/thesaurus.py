"""Which words mean nearly the same: cosines of static word vectors, remembered."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from promptuary.ports.embedder import LocalEmbedder
from promptuary.retrieval.products import cosines
from promptuary.retrieval.readings import Readings

REMEMBERED = 30_000
"""Words whose vectors are kept (30 MB of 256 numbers each), unless one call asks for more. In half
precision they would take half of that, and five times as long to look up."""
NEAREST = 20
GATE = 0.3
STRENGTH = 0.7
"""A word of cosine c counts STRENGTH * (c - GATE) / (1 - GATE) of the word itself."""


class Thesaurus:
    """Shares of words by a local model that gives single words their vectors. Thread-safe."""

    def __init__(self, model: LocalEmbedder) -> None:
        """`model` should know words out of context, as a static table does."""
        self.readings = Readings()
        """Of what is compared again and again."""
        self._model = model
        self._rows: dict[str, int] = {}
        self._kept: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._lock = Lock()

    def shares(self, typed: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
        """What each known word counts for each typed one: in [0, STRENGTH], shape (known, typed).

        0 for all but the NEAREST of each typed word. Words of one or two letters stand for nothing.
        """
        if not typed or not known:
            return np.zeros((len(known), len(typed)), dtype=np.float32)
        near = cosines(self.vectors(known), self.vectors(typed))
        near[np.fromiter(map(len, known), dtype=np.intp, count=len(known)) < 3] = 0
        shares: NDArray[np.float32] = np.maximum(
            0, (near - GATE) * np.float32(STRENGTH / (1 - GATE))
        )
        if len(known) > NEAREST:
            least = np.partition(shares, -NEAREST, axis=0)[-NEAREST]
            shares[shares < least] = 0
        return shares

    def alike(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        """The cosine of a text with each of some others, by the words of both."""
        rows = self._model.embed_now([text, *others], purpose="symmetric")
        return np.asarray(rows[1:] @ rows[0], dtype=np.float32)

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """The vector of each word, one row each."""
        with self._lock:
            if new := list(dict.fromkeys([word for word in words if word not in self._rows])):
                if len(self._rows) + len(new) > REMEMBERED:
                    self._rows.clear()
                    new = list(dict.fromkeys(words))
                self._learn(new)
            rows = np.fromiter(map(self._rows.__getitem__, words), dtype=np.intp, count=len(words))
            return self._kept[rows]

    def _learn(self, new: list[str]) -> None:
        vectors = self._model.embed_now(new, purpose="symmetric")
        start, end = len(self._rows), len(self._rows) + len(new)
        if end > len(self._kept):
            grown = np.zeros((2 * end, vectors.shape[1]), dtype=np.float32)
            if start:
                grown[:start] = self._kept[:start]
            self._kept = grown
        self._kept[start:end] = vectors
        self._rows.update((word, start + at) for at, word in enumerate(new))
