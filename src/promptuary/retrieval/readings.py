"""Texts as numbers of their words, remembered: what is found often is taken apart once."""

from __future__ import annotations

from collections.abc import Sequence
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


class Readings:
    """What was read. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def read(self, texts: Sequence[str]) -> tuple[list[Numbers], list[str]]:
        """Of each text the numbers of its words in their order, and the words by number; in both
        there may be more than these texts have."""
        with self._lock:
            if self._running > RUNNING or len(self._words) > WORDS:
                self._forget()
            return [self._read(text) for text in texts], self._words

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
