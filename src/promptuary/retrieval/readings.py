"""Texts as numbers of their words, remembered: what is found often is taken apart once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.retrieval.words import terms

Numbers: TypeAlias = NDArray[np.int32]

WORDS = 100_000
"""Different words that are numbered, and"""
RUNNING = 2_000_000
"""words of texts that are remembered (4 bytes each), before everything is forgotten."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Of each text (`parts`) the numbers of its words in their order, the `words` by number, and
    the `numbers` by word; in the last two there may be more than these texts have."""

    parts: list[Numbers]
    words: Sequence[str]
    numbers: Mapping[str, int]


class Readings:
    """What was read. Thread-safe: numbers are only ever added, or all begun anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def read(self, texts: Sequence[str]) -> Reading:
        """The texts as numbers of their words."""
        with self._lock:
            if self._running > RUNNING or len(self._words) > WORDS:
                self._forget()
            return Reading([self._read(text) for text in texts], self._words, self._numbers)

    def _read(self, text: str) -> Numbers:
        # The text itself would take ten times the memory. Two texts of one hash are no more likely
        # than a machine that miscounts, and would cost a rank.
        key = hash(text), len(text)
        found = self._texts.get(key)
        if found is None:
            numbers = self._numbers
            standing = terms(text)
            for term in standing:
                if term not in numbers:
                    numbers[term] = len(self._words)
                    self._words.append(term)
            found = np.fromiter(map(numbers.__getitem__, standing), np.int32, len(standing))
            self._texts[key] = found
            self._running += len(standing)
        return found

    def _forget(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._texts: dict[tuple[int, int], Numbers] = {}
        self._running = 0
