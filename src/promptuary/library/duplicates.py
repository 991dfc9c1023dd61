"""Prompts that say the same in almost the same words, among a million of them.

Features are the stems of a text and its pairs of neighbouring stems. Candidates come from MinHash
signatures (Broder, "On the resemblance and containment of documents", 1997), of which 16 bits are
kept (Li and König, "b-Bit Minwise Hashing", 2010), cut into bands that are sorted (Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3). Each candidate is then compared
exactly, so a pair that is reported is one; what two texts must share is one threshold.

Prompts that differ in a number are two uses of one template and no duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

ALIKE = 0.65
"""What share of all features two near-duplicates have in common, at the least."""
BANDS, ROWS = 32, 4
"""A pair that shares half of its features is a candidate with a chance of 0.87, one that shares six
tenths with 0.99; one that shares a tenth with 0.003."""
MOST_FEATURES = 2_000
COMPARED = 12
"""Each text of a crowded bucket is compared with so many before it."""
_SEED = 20_211
_MIX = np.uint64(0x9E3779B97F4A7C15)

Features = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by their places, `first < second`, and what share of features they have in
    common."""

    first: int
    second: int
    likeness: float


def near_duplicates(texts: Sequence[str], *, alike: float = ALIKE) -> list[Pair]:
    """Every pair found, nearest first. Time grows with the number of texts, not of pairs.

    Of many equal texts each is paired with the first of them alone. Texts without a word are
    nobody's duplicates.
    """
    firsts, equal = _first_places(texts)
    kept = [place for place in firsts.values() if terms(texts[place][:200])]
    keys = np.zeros((len(kept), BANDS), dtype=np.uint64)
    for row, place in enumerate(kept):
        keys[row] = signature(features(texts[place]))
    known = lru_cache(maxsize=50_000)(lambda place: features(texts[place]))
    numbers = lru_cache(maxsize=50_000)(lambda place: numbers_of(texts[place]))
    found = list(equal)
    for one, other in _candidates(keys):
        first, second = sorted((kept[one], kept[other]))
        likeness = jaccard(known(first), known(second))
        if likeness >= alike and numbers(first) == numbers(second):
            found.append(Pair(first, second, likeness))
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def groups(pairs: Iterable[Pair]) -> list[list[int]]:
    """Texts that hang together by pairs, each group in order, the largest first."""
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        while parent.setdefault(place, place) != place:
            parent[place] = place = parent[parent[place]]
        return place

    for pair in pairs:
        one, other = sorted((root(pair.first), root(pair.second)))
        parent[other] = one
    found: dict[int, list[int]] = {}
    for place in sorted(parent):
        found.setdefault(root(place), []).append(place)
    return sorted(found.values(), key=lambda group: (-len(group), group))


def features(text: str) -> Features:
    """Hashes of the stems of a text and of its pairs of neighbours, sorted, each once."""
    words = np.array([_hash(term) for term in terms(text)], dtype=np.uint64)
    both = words[:-1] * _MIX ^ words[1:]
    found = np.unique(np.concatenate([words, both * _MIX]))
    return found[:MOST_FEATURES]


def numbers_of(text: str) -> frozenset[str]:
    """The terms of a text with a digit in them."""
    return frozenset(term for term in terms(text) if any(letter.isdigit() for letter in term))


def jaccard(one: Features, other: Features) -> float:
    """What share of the features of both are in both; 0 for two texts without any."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    total = len(one) + len(other) - both
    return both / total if total else 0.0


def signature(found: Features) -> NDArray[np.uint64]:
    """One key a band: texts that share a key are candidates. `found` holds one feature or more."""
    factors, offsets = _functions()
    smallest = (found[:, None] * factors + offsets).min(axis=0) >> np.uint64(48)
    return np.ascontiguousarray(smallest.astype(np.uint16)).view(np.uint64)


def _candidates(keys: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that share a key in a band, each once."""
    seen: set[int] = set()
    size = len(keys)
    for band in range(BANDS):
        column = keys[:, band]
        order = np.argsort(column, kind="stable")
        same = np.flatnonzero(column[order][1:] == column[order][:-1])
        for start, stop in _runs(same):
            bucket = order[start : stop + 2].tolist()
            for at, one in enumerate(bucket):
                for other in bucket[max(0, at - COMPARED) : at]:
                    if (pair := other * size + one) not in seen:
                        seen.add(pair)
                        yield other, one


def _runs(places: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """First and last of each run of places that follow each other."""
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) > 1)
    edges = [0, *(int(each) + 1 for each in breaks), len(places)]
    for start, stop in pairwise(edges):
        yield int(places[start]), int(places[stop - 1])


def _first_places(texts: Sequence[str]) -> tuple[dict[str, int], list[Pair]]:
    """Where each text stands first, and its equals later on. White space and case say nothing."""
    firsts: dict[str, int] = {}
    equal: list[Pair] = []
    for place, text in enumerate(texts):
        plain = " ".join(text.split()).casefold()
        first = firsts.setdefault(plain, place)
        if first != place and plain:
            equal.append(Pair(first, place, 1.0))
    return firsts, equal


@lru_cache(maxsize=200_000)
def _hash(term: str) -> int:
    root = stem(term).encode("utf-8", "surrogatepass")
    return crc32(root) << 32 | crc32(root[::-1] + b"/")


@lru_cache(maxsize=1)
def _functions() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Factors (odd) and offsets of the hash functions, always the same."""
    drawn = np.random.Generator(np.random.PCG64(_SEED)).integers(
        0, 2**63, size=(2, BANDS * ROWS), dtype=np.uint64
    )
    return drawn[0] * np.uint64(2) + np.uint64(1), drawn[1]
