"""Statistics that tell template text from values: one row a word, no lexical knowledge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from promptuary.canon.discovery.context import surroundings
from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.ngrams import (
    Floats,
    Numbers,
    Windows,
    ending,
    followers,
    highest,
    lowest,
    shifted,
)

Grams = Mapping[int, Windows]
Named = Iterator[tuple[str, Floats]]


def first_look(corpus: Corpus, grams: Grams) -> Mapping[str, Floats]:
    """Frequency, branching and place of the n-grams around each word, and its surroundings.

    Branching (how many different words follow or precede) is Harris's (1955) boundary signal.
    """
    frequency = dict(_frequencies(grams))
    return {
        **frequency,
        **dict(_branching(grams, frequency)),
        **dict(_agreement(corpus, grams[3])),
        **dict(_place(corpus)),
        **surroundings(corpus),
    }


def second_look(corpus: Corpus, grams: Grams, belief: Floats) -> Mapping[str, Floats]:
    """What a first belief says about the other occurrences of the passages around each word."""
    return {**dict(_elsewhere(corpus, grams, belief)), **dict(_neighbours(corpus, belief))}


def _log(values: Floats) -> Floats:
    found: Floats = np.log2(values + np.float32(1))
    return found


def _frequencies(grams: Grams) -> Named:
    for order, one in grams.items():
        frequency = one.frequency
        yield f"most_{order}", _log(highest(frequency, one))
        yield f"starting_{order}", _log(frequency)
        yield f"ending_{order}", _log(ending(frequency, one))
        if order in (2, 3, 4):
            yield f"least_{order}", _log(lowest(frequency, one))


def _branching(grams: Grams, frequency: Mapping[str, Floats]) -> Named:
    for order in (1, 2, 3):
        one, longer = grams[order], grams[order + 1]
        right = followers(one.number, longer.number, longer.inside)[one.number]
        right = _log(ending(right, one))
        before, known = shifted(longer.number, 1), shifted(longer.inside, 1)
        left = _log(followers(one.number, before, known & one.inside)[one.number])
        yield f"right_{order}", right
        yield f"left_{order}", left
        yield f"right_share_{order}", right - frequency[f"ending_{order}"]
        yield f"left_share_{order}", left - frequency[f"starting_{order}"]


def _agreement(corpus: Corpus, one: Windows) -> Named:
    """How often the covering 3-gram stands at this very distance from the start or the end."""
    at = np.arange(len(corpus.flat))
    owner = corpus.owner
    distances = {"start": at - corpus.starts[owner], "end": corpus.starts[owner + 1] - at}
    for name, distance in distances.items():
        same = _same(one.number, np.minimum(distance, 4095))
        share = (same / np.maximum(1, one.times[one.number])).astype(np.float32)
        yield f"same_{name}", highest(share, one)
        yield f"same_{name}_count", _log(highest(same, one))


def _same(number: Numbers, distance: Numbers) -> Floats:
    _, inverse, count = np.unique(number * 4096 + distance, return_inverse=True, return_counts=True)
    found: Floats = count[inverse].astype(np.float32)
    return found


def _place(corpus: Corpus) -> Named:
    owner, lengths = corpus.owner, corpus.lengths
    place = np.arange(len(corpus.flat)) - corpus.starts[owner]
    length = lengths[owner]
    for name, value in (
        ("from_start", np.minimum(place, 60)),
        ("from_end", np.minimum(length - 1 - place, 60)),
        ("length", np.minimum(length, 300)),
        ("relative", place / np.maximum(1, length - 1)),
    ):
        yield name, value.astype(np.float32)


def _elsewhere(corpus: Corpus, grams: Grams, belief: Floats) -> Named:
    owner = corpus.owner
    total = np.concatenate(([0.0], np.cumsum(belief, dtype=np.float64)))
    mass = np.bincount(owner, weights=belief, minlength=len(corpus))[owner]
    length = corpus.lengths[owner]
    at = np.arange(len(belief))
    for order in (2, 3, 6):
        one = grams[order]
        here = total[np.minimum(at + order, len(belief))] - total[at]
        chosen = _most_frequent_cover(one)
        known = chosen >= 0
        for name, value in (
            ("belief", here / order),
            ("rest", mass - here),
            ("rest_share", (mass - here) / np.maximum(1, length - order)),
        ):
            mean = _mean_by_number(one, value)
            shown = np.where(known, mean[one.number[chosen]], -1)
            yield f"{name}_{order}", shown.astype(np.float32)
            if name == "belief":
                repeated = np.where(one.frequency >= 2, mean[one.number], 0)
                yield f"best_belief_{order}", highest(repeated.astype(np.float32), one)


def _mean_by_number(one: Windows, value: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Floats:
    weights = np.where(one.inside, value, 0)
    total = np.bincount(one.number, weights=weights, minlength=len(one.times))
    return (total / np.maximum(1, one.times)).astype(np.float32)


def _most_frequent_cover(one: Windows) -> Numbers:
    """Start of the most frequent repeated window that covers each position, or -1."""
    frequency = np.where(one.inside & (one.frequency >= 2), one.frequency, np.float32(-1))
    best = frequency.copy()
    chosen = np.where(frequency > 0, np.arange(len(frequency)), -1)
    for by in range(1, one.order):
        earlier = shifted(frequency, by)
        better = earlier > best
        best[better] = earlier[better]
        chosen[better] = np.flatnonzero(better) - by
    return chosen


def _neighbours(corpus: Corpus, belief: Floats) -> Named:
    owner, lengths = corpus.owner, np.maximum(1, corpus.lengths)
    yield "belief", belief
    for by in (1, 2, 4):
        left, right = shifted(belief, by), shifted(belief, -by)
        left[shifted(owner + 1, by) != owner + 1] = 0
        right[shifted(owner + 1, -by) != owner + 1] = 0
        yield f"belief_left_{by}", left
        yield f"belief_right_{by}", right
    mass = np.bincount(owner, weights=belief, minlength=len(corpus))
    yield "mass", mass[owner].astype(np.float32)
    yield "mass_share", (mass / lengths)[owner].astype(np.float32)
