"""Repair of misspelt words, only where the neighbouring words confirm the correction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from promptuary.canon.corpus import Corpus

SHORTEST = 3  # characters: shorter words have too many neighbours
RARE = 3  # prompts: a misspelling is not repeated more often
COMMON = 4  # prompts: a correction, and its bigram with a neighbour, occur at least so often


def repair(corpus: Corpus) -> Corpus:
    """The corpus with words at edit distance 1 from a common one replaced where context agrees.

    Distance is optimal string alignment (Damerau 1964, adjacent transposition counts one);
    neighbours are found by shared deletions (Garbe's symmetric delete).
    """
    candidates = _candidates(corpus)
    if not candidates:
        return corpus
    pairs, counts = _bigram_frequency(corpus)
    suspects = np.flatnonzero(np.isin(corpus.flat, list(candidates)))
    flat = corpus.flat.copy()
    for at in suspects.tolist():
        flat[at] = _correction(corpus, at, candidates[int(corpus.flat[at])], pairs, counts)
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
    shared = {number for form in _deletions(word) for number in near.get(form, ())}
    return sorted(n for n in shared if OSA.distance(word, words[n], score_cutoff=1) <= 1)


def _deletions(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _prompts_per_word(corpus: Corpus) -> NDArray[np.int64]:
    seen = np.unique(corpus.flat * len(corpus) + corpus.owner)
    return np.bincount(seen // max(1, len(corpus)), minlength=len(corpus.words))


def _bigram_frequency(corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    owner = corpus.owner
    inside = np.flatnonzero(owner[1:] == owner[:-1])
    pair = corpus.flat[inside] * len(corpus.words) + corpus.flat[inside + 1]
    keys, dense = np.unique(pair, return_inverse=True)
    seen = np.unique(dense * len(corpus) + owner[inside])
    return keys, np.bincount(seen // len(corpus), minlength=len(keys))


def _correction(
    corpus: Corpus,
    at: int,
    candidates: Sequence[int],
    pairs: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> int:
    prompt = int(np.searchsorted(corpus.starts, at, side="right")) - 1
    size, flat = len(corpus.words), corpus.flat
    before = int(flat[at - 1]) if at > corpus.starts[prompt] else None
    after = int(flat[at + 1]) if at + 1 < corpus.starts[prompt + 1] else None

    def support(word: int) -> int:
        left = _count(pairs, counts, before * size + word) if before is not None else 0
        right = _count(pairs, counts, word * size + after) if after is not None else 0
        return left + right

    best = max(candidates, key=support)
    return best if support(best) >= COMMON else int(flat[at])


def _count(keys: NDArray[np.int64], counts: NDArray[np.int64], key: int) -> int:
    at = int(np.searchsorted(keys, key))
    return int(counts[at]) if at < len(keys) and keys[at] == key else 0
