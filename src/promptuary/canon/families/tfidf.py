"""How alike templates are: cosine of tf-idf vectors over words, word pairs and characters.

The vectors follow Salton and Buckley (1988) with sublinear term frequency and smoothed inverse
document frequency; several kinds of feature are joined into one vector, each kind with its weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.tokens import tokenise

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Bags = Iterable[Mapping[str, int]]

DENSE = 24  # items that share a feature from which it is counted by matrix product
BLOCK = 1_024  # features a matrix product
CELLS = 500_000  # pairs of items that are added up at a time


def word_bags(texts: Sequence[str], orders: Sequence[int]) -> Bags:
    """How often each run of so many words occurs in each text."""
    return (Counter(_runs(tokenise(text).words, orders)) for text in texts)


def character_bags(texts: Sequence[str], orders: Sequence[int]) -> Bags:
    """How often each run of so many characters occurs inside the blank-framed words of a text."""
    return (Counter(_inside_words(tokenise(text).words, orders)) for text in texts)


def cosine(kinds: Sequence[tuple[float, Bags]], size: int) -> Floats:
    """Pairwise similarity of `size` items: for each kind of feature its weight times the cosine.

    A square matrix in [0, 1] where the weights sum to 1.
    """
    total = np.zeros((size, size), dtype=np.float32)
    for weight, bags in kinds:
        _add_products(total, *_vectors(bags, size, weight))
    return total


def _runs(words: Sequence[str], orders: Sequence[int]) -> Iterator[str]:
    for order in orders:
        for at in range(len(words) - order + 1):
            yield " ".join(words[at : at + order])


def _inside_words(words: Sequence[str], orders: Sequence[int]) -> Iterator[str]:
    for word in words:
        framed = f" {word} "
        for order in orders:
            for at in range(max(1, len(framed) - order + 1)):
                yield framed[at : at + order]


def _vectors(bags: Bags, size: int, weight: float) -> tuple[Numbers, Numbers, Floats]:
    """Non-zero entries (item, feature, value) of unit rows times the root of `weight`."""
    numbers: dict[str, int] = {}
    features: list[Numbers] = []
    times: list[Floats] = []
    for bag in bags:
        named = (numbers.setdefault(name, len(numbers)) for name in bag)
        features.append(np.fromiter(named, dtype=np.int64, count=len(bag)))
        times.append(np.fromiter(bag.values(), dtype=np.float32, count=len(bag)))
    items = np.repeat(np.arange(size), [len(some) for some in features])
    feature = np.concatenate(features)
    spread = np.bincount(feature, minlength=len(numbers))
    rarity = np.log((1 + size) / (1 + spread)) + 1
    values = (1 + np.log(np.concatenate(times))) * rarity[feature]
    norms = np.sqrt(np.bincount(items, weights=values**2, minlength=size))
    return items, feature, (values / norms[items] * np.sqrt(weight)).astype(np.float32)


def _add_products(total: Floats, items: Numbers, features: Numbers, values: Floats) -> None:
    """Add the product of the sparse rows with themselves: exact, rare features pair by pair and
    frequent ones as blocks of dense columns."""
    if not len(items):
        return
    order = np.argsort(features, kind="stable")
    items, features, values = items[order], features[order], values[order]
    spread = np.bincount(features)
    starts = np.concatenate(([0], np.cumsum(spread)[:-1]))
    _add_rare(total, items, values, starts, spread)
    frequent = np.flatnonzero(spread > DENSE)
    for at in range(0, len(frequent), BLOCK):
        block = frequent[at : at + BLOCK]
        dense = np.zeros((len(total), len(block)), dtype=np.float32)
        for column, feature in enumerate(block.tolist()):
            run = slice(starts[feature], starts[feature] + spread[feature])
            dense[items[run], column] = values[run]
        total += dense @ dense.T


def _add_rare(
    total: Floats,
    items: Numbers,
    values: Floats,
    starts: Numbers,
    spread: Numbers,
) -> None:
    flat = total.reshape(-1)
    for count in range(1, DENSE + 1):
        rare = starts[spread == count]
        for at in range(0, len(rare), 1 + CELLS // count**2):
            runs = rare[at : at + 1 + CELLS // count**2, None] + np.arange(count)
            who, how = items[runs], values[runs]
            cells = (who[:, :, None] * len(total) + who[:, None, :]).reshape(-1)
            products = (how[:, :, None] * how[:, None, :]).reshape(-1)
            where, dense = np.unique(cells, return_inverse=True)
            flat[where] += np.bincount(dense, weights=products).astype(np.float32)
