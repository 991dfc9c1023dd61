"""The peer for finding: textbook BM25 over title and text, with the parameters of Anserini."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log

K1, B = 0.9, 0.4
_WORD = re.compile(r"\w+")


class Bm25:
    """Exact scores (Robertson and Zaragoza 2009); a word is a run of letters and digits."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words of every text."""
        counts = [Counter(_WORD.findall(text.lower())) for text in texts]
        mean = sum(count.total() for count in counts) / max(1, len(counts))
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, count in enumerate(counts):
            room = K1 * (1 - B + B * count.total() / mean)
            for word, times in count.items():
                self._postings[word].append((at, times * (K1 + 1) / (times + room)))
        self._texts = len(texts)

    def search(self, text: str, limit: int) -> list[tuple[int, float]]:
        """The best texts by their place, with scores."""
        scores: dict[int, float] = defaultdict(float)
        for word in set(_WORD.findall(text.lower())):
            found = self._postings.get(word, [])
            rarity = log(1 + (self._texts - len(found) + 0.5) / (len(found) + 0.5))
            for at, weight in found:
                scores[at] += rarity * weight
        return sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:limit]
