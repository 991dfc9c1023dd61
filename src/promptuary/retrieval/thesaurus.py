"""Which words mean nearly the same: cosines of static word vectors, remembered."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import LocalEmbedder
from promptuary.retrieval.products import cosines
from promptuary.retrieval.readings import Readings

REMEMBERED = 30_000
"""Words whose vectors are kept (30 MB of 256 numbers each), unless one call asks for more. In half
precision they would take half of that, and five times as long to look up."""
NEAREST = 20
SHORTEST = 3
"""Letters of a word that stands for others."""
GATE = 0.3
STRENGTH = 0.7
"""A word of cosine c counts STRENGTH * (c - GATE) / (1 - GATE) of the word itself."""

_BLANK, _UNKNOWN = 0, -1
"""The row of zeros, of a word that is like no other; and that nobody has asked yet."""

Rows: TypeAlias = NDArray[np.intp]


class Thesaurus:
    """Shares of words by a local model that gives single words their vectors. Thread-safe."""

    def __init__(self, model: LocalEmbedder) -> None:
        """`model` should know words out of context, as a static table does."""
        self.readings = Readings()
        """Of what is compared again and again."""
        self._model = model
        self._rows = {"": _BLANK}
        self._kept: Vectors = np.zeros((1, 0), dtype=np.float32)
        self._words: Sequence[str] = ()
        self._by_number: Rows = np.zeros(0, dtype=np.intp)
        self._lock = Lock()

    def shares(self, typed: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
        """What each known word counts for each typed one: in [0, STRENGTH], shape (known, typed).

        0 for all but the NEAREST of each typed word. Words of one or two letters stand for nothing.
        """
        with self._lock:
            asked = self._vectors(typed)
            rows = self._placed([*map(_telling, known)])
            return _shares(self._kept, asked, rows)

    def shares_of(self, typed: Sequence[str], words: Sequence[str], known: Rows) -> Vectors:
        """The same for those of the `words` that have these numbers, in less time where the same
        list is asked about again. It may grow meanwhile, but not change otherwise."""
        with self._lock:
            asked = self._vectors(typed)
            rows = self._numbered(words, known)
            return _shares(self._kept, asked, rows)

    def alike(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        """The cosine of a text with each of some others, by the words of both."""
        rows = self._model.embed_now([text, *others], purpose="symmetric")
        return np.asarray(rows[1:] @ rows[0], dtype=np.float32)

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """The vector of each word, one row each."""
        with self._lock:
            return self._vectors(words)

    def _vectors(self, words: Sequence[str]) -> Vectors:
        rows = self._placed(words)
        return self._kept[rows]

    def _placed(self, words: Sequence[str]) -> Rows:
        """Where the vector of each word is kept."""
        if new := list(dict.fromkeys([word for word in words if word not in self._rows])):
            if len(self._rows) + len(new) > REMEMBERED:
                self._forget()
                new = [word for word in dict.fromkeys(words) if word]
            self._learn(new)
        return np.fromiter(map(self._rows.__getitem__, words), dtype=np.intp, count=len(words))

    def _numbered(self, words: Sequence[str], known: Rows) -> Rows:
        """The same by number, blank for words that stand for nothing."""
        if words is not self._words:
            self._words, self._by_number = words, np.zeros(0, dtype=np.intp)
        if lacking := max(0, len(words) - len(self._by_number)):
            self._by_number = np.concatenate([self._by_number, np.full(lacking, _UNKNOWN)])
        new = known[self._by_number[known] == _UNKNOWN]
        if new.size:
            if len(self._rows) + new.size > REMEMBERED:
                self._forget()
                new = known
            self._by_number[new] = self._placed([_telling(words[number]) for number in new])
        return self._by_number[known]

    def _forget(self) -> None:
        self._rows = {"": _BLANK}
        self._by_number.fill(_UNKNOWN)

    def _learn(self, new: list[str]) -> None:
        vectors = self._model.embed_now(new, purpose="symmetric")
        start, end = len(self._rows), len(self._rows) + len(new)
        if end > len(self._kept):
            grown = np.zeros((2 * end, vectors.shape[1]), dtype=np.float32)
            if self._kept.size:
                grown[: len(self._kept)] = self._kept
            self._kept = grown
        self._kept[start:end] = vectors
        self._rows.update((word, start + at) for at, word in enumerate(new))


def _shares(kept: Vectors, asked: Vectors, rows: Rows) -> Vectors:
    if not rows.size or not asked.size:
        return np.zeros((len(rows), len(asked)), dtype=np.float32)
    near = cosines(kept, asked, rows)
    shares: Vectors = np.maximum(0, (near - GATE) * np.float32(STRENGTH / (1 - GATE)))
    if len(rows) > NEAREST:
        least = np.partition(shares, -NEAREST, axis=0)[-NEAREST]
        shares[shares < least] = 0
    return shares


def _telling(word: str) -> str:
    """The word, or "", which has the row of zeros, for one that stands for nothing."""
    return word if len(word) >= SHORTEST else ""
