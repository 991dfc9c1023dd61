"""Repair of misspelt words, only where the neighbouring words confirm the correction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from promptuary.canon.discovery.corpus import Corpus, Words

SHORTEST = 3  # characters: shorter words have too many neighbours
RARE = 3  # prompts: a misspelling is not repeated more often
COMMON = 4  # prompts: a correction, and its bigram with a neighbour, occur at least so often

Together = Mapping[tuple[int | None, int | None], int]


def repair(corpus: Corpus) -> Corpus:
    """The corpus with words at edit distance 1 from a common one replaced where context agrees.

    Distance is optimal string alignment (Damerau 1964, adjacent transposition counts one);
    neighbours are found by shared deletions (Garbe's symmetric delete).
    """
    candidates = _candidates(corpus)
    if not candidates:
        return corpus
    together = _bigram_frequency(corpus, {one for close in candidates.values() for one in close})
    rare = np.zeros(len(corpus.words), dtype=bool)
    rare[list(candidates)] = True
    suspects = np.flatnonzero(rare[corpus.flat])
    owner = corpus.owner[suspects].tolist()
    flat = corpus.flat.copy()
    for at, prompt in zip(suspects.tolist(), owner, strict=True):
        place = at - int(corpus.starts[prompt])
        flat[at] = _correction(corpus.sequences[prompt], place, candidates, together)
    return replace(corpus, flat=flat)


def _candidates(corpus: Corpus) -> Mapping[int, Sequence[int]]:
    frequency = _prompts_per_word(corpus).tolist()
    wordlike = [len(w) >= SHORTEST and w.isalpha() for w in corpus.words]
    near: dict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(corpus.words):
        if wordlike[number] and frequency[number] >= COMMON:
            for form in _deletions(word):
                near[form].append(number)
    found: dict[int, list[int]] = {}
    for number, word in enumerate(corpus.words):
        if wordlike[number] and 0 < frequency[number] <= RARE:
            close = _close(word, near, corpus.words)
            if close:
                found[number] = close
    return found


def _close(word: str, near: Mapping[str, Sequence[int]], words: Sequence[str]) -> list[int]:
    shared = {number for form in near.keys() & _deletions(word) for number in near[form]}
    return sorted(n for n in shared if OSA.distance(word, words[n], score_cutoff=1) <= 1)


def _deletions(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def _prompts_per_word(corpus: Corpus) -> NDArray[np.int64]:
    seen = np.unique(corpus.flat * len(corpus) + corpus.owner)
    return np.bincount(seen // max(1, len(corpus)), minlength=len(corpus.words))


def _bigram_frequency(corpus: Corpus, corrections: Collection[int]) -> Together:
    """In how many prompts two words stand side by side, where one of them is a correction."""
    owner, flat, size = corpus.owner, corpus.flat, len(corpus.words)
    wanted = np.zeros(size, dtype=bool)
    wanted[list(corrections)] = True
    beside = (owner[1:] == owner[:-1]) & (wanted[flat[1:]] | wanted[flat[:-1]])
    at = np.flatnonzero(beside)
    keys, dense = np.unique(flat[at] * size + flat[at + 1], return_inverse=True)
    seen = np.unique(dense * len(corpus) + owner[at])
    counts = np.bincount(seen // len(corpus), minlength=len(keys)).tolist()
    left, right = np.divmod(keys, size)
    return dict(zip(zip(left.tolist(), right.tolist(), strict=True), counts, strict=True))


def _correction(
    text: Words, at: int, candidates: Mapping[int, Sequence[int]], together: Together
) -> int:
    before = text[at - 1] if at else None
    after = text[at + 1] if at + 1 < len(text) else None

    def support(word: int) -> int:
        return together.get((before, word), 0) + together.get((word, after), 0)

    best = max(candidates[text[at]], key=support)
    return best if support(best) >= COMMON else text[at]
