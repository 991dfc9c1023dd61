"""Whether the values of a slot come from somewhere else than before.

Values are described by their character trigrams and their shape; the place where they differ most
is that of the greatest energy distance (Szekely and Rizzo 2004) between what came before and after,
and it counts when it stands out against the same values in random orders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST = 24
"""Values from which a shift can be told."""
EDGE = 6
"""Values on either side of it at least."""
MOST = 120
"""Values that are compared; of more, so many, evenly spread."""
CHARACTERS = 600
"""Of a value so many are looked at; how long it is counts whole."""
WIDE = 256
ORDERS = 60
"""Random orders that chance is judged by."""
SEED = 20_250_101
SURE = 5.5
"""So many standard deviations above chance a shift must be."""

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Shift:
    """Values from number `cut` on differ from those before; `score` is in standard deviations."""

    cut: int
    score: float
    distance: float


def shift(values: Sequence[str]) -> Shift | None:
    """Where values in time begin to differ most, if they do. Same values, same verdict."""
    if len(values) < FEWEST or len(set(values)) == 1:
        return None
    kept = np.unique(np.linspace(0, len(values) - 1, min(MOST, len(values))).astype(int))
    apart = _distances([values[at] for at in kept])
    found = _energies(apart)
    best = float(found.max())
    order = np.random.default_rng(SEED)
    chance = []
    for _ in range(ORDERS):
        mixed = order.permutation(len(kept))
        chance.append(float(_energies(apart[np.ix_(mixed, mixed)]).max()))
    spread = float(np.std(chance))
    score = (best - float(np.mean(chance))) / spread if spread else 0.0
    if score < SURE:
        return None
    cut = int(found.argmax()) + EDGE
    return Shift(int(kept[cut]), score, float(2 * best / (apart.mean() * len(kept) / 2 + 1e-12)))


def _energies(apart: Floats) -> Floats:
    """Energy distance, weighed by both sizes, for every cut that leaves EDGE on either side."""
    size = len(apart)
    sums = apart.cumsum(0).cumsum(1)
    left = np.arange(EDGE, size - EDGE + 1)
    right = size - left
    within = sums[left - 1, left - 1]
    across = sums[left - 1, -1] - within
    beyond = sums[-1, -1] - within - 2 * across
    energy = 2 * across / (left * right) - within / left**2 - beyond / right**2
    weighed: Floats = energy * left * right / size
    return weighed


def _distances(values: Sequence[str]) -> Floats:
    grams = np.stack([_trigrams(value[:CHARACTERS]) for value in values])
    shapes = np.array([_shape(value[:CHARACTERS], len(value)) for value in values])
    by_grams = np.sqrt(np.maximum(0, 2 - 2 * grams @ grams.T))
    by_shape = np.sqrt(((shapes[:, None] - shapes[None]) ** 2).sum(-1))
    apart: Floats = by_grams + by_shape / 2
    return apart


def _trigrams(value: str) -> Floats:
    text = f" {_DIGIT.sub('0', value.casefold())} "
    counts = np.zeros(WIDE)
    for at in range(len(text) - 2):
        counts[crc32(text[at : at + 3].encode("utf-8", "surrogatepass")) % WIDE] += 1
    counts = np.sqrt(counts)
    length = float(np.linalg.norm(counts))
    return counts / length if length else counts


def _shape(value: str, length: int) -> list[float]:
    """Length, and three times the shares of characters of some kinds."""
    size = max(1, len(value))
    kinds = (
        sum(ord(each) > 127 for each in value),
        sum(each.isdigit() for each in value),
        sum(each.isupper() for each in value),
        sum(not each.isalnum() and not each.isspace() for each in value),
    )
    return [log1p(length), log1p(value.count("\n")), *(3 * kind / size for kind in kinds)]
