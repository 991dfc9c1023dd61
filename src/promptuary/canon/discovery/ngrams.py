"""Counts over the word n-grams of a corpus, one value a position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Corpus

T = TypeVar("T", bound=np.generic)
Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

ORDERS = (1, 2, 3, 4, 6, 9)
_PARTS = {2: (1, 1), 3: (2, 1), 4: (2, 2), 6: (3, 3), 9: (6, 3)}


@dataclass(frozen=True, slots=True)
class Windows:
    """The n-gram that starts at each flat position.

    `number` names it (0 where it would leave its prompt, then `inside` is false); `prompts[k]` is
    how many different prompts contain n-gram `k`, `times[k]` how often it occurs.
    """

    order: int
    number: Numbers
    inside: NDArray[np.bool_]
    prompts: Floats
    times: Floats

    @property
    def frequency(self) -> Floats:
        """Prompts that contain the n-gram of each position."""
        return self.prompts[self.number]


def windows(corpus: Corpus) -> Mapping[int, Windows]:
    """Windows of every order in `ORDERS`; numbers are exact, no hashing."""
    owner = corpus.owner
    room = corpus.starts[owner + 1] - np.arange(len(owner)) if len(owner) else owner
    found = {1: _number(corpus.flat, owner, room >= 1, 1)}
    for order, (left, right) in _PARTS.items():
        a, b = found[left].number, shifted(found[right].number, -left)
        found[order] = _number(a * (int(b.max(initial=0)) + 1) + b, owner, room >= order, order)
    return found


def passages(corpus: Corpus, order: int) -> Windows:
    """Windows of one order."""
    owner = corpus.owner
    room = corpus.starts[owner + 1] - np.arange(len(owner)) if len(owner) else owner
    number = corpus.flat + 1
    for by in range(1, order):
        longer = number * (int(corpus.flat.max(initial=0)) + 2) + shifted(corpus.flat + 1, -by)
        number = np.unique(longer, return_inverse=True)[1]
    return _number(number, owner, room >= order, order)


def _number(keys: Numbers, owner: Numbers, inside: NDArray[np.bool_], order: int) -> Windows:
    keys = np.where(inside, keys, -1)
    by_key = np.argsort(keys, kind="stable")
    ordered, holder = keys[by_key], owner[by_key]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    fresh = new.copy()
    fresh[1:] |= holder[1:] != holder[:-1]
    dense = np.cumsum(new) - int(len(keys) > 0 and ordered[0] == -1)
    number = np.empty_like(keys)
    number[by_key] = dense
    prompts = np.bincount(dense, weights=fresh, minlength=1).astype(np.float32)
    times = np.bincount(dense, minlength=1).astype(np.float32)
    prompts[0] = times[0] = 0
    return Windows(order, number, inside, prompts, times)


def shifted(values: NDArray[T], by: int) -> NDArray[T]:
    """`result[i] = values[i - by]`, zero where that lies outside."""
    result = np.zeros_like(values)
    if by == 0:
        result[:] = values
    elif by > 0:
        result[by:] = values[:-by]
    else:
        result[:by] = values[-by:]
    return result


def highest(values: Floats, one: Windows) -> Floats:
    """Maximum of a value over the windows that cover each position; 0 where there is none."""
    inside = np.where(one.inside, values, np.float32(0))
    result = inside.copy()
    for by in range(1, one.order):
        np.maximum(result[by:], inside[:-by], out=result[by:])
    return result


def lowest(values: Floats, one: Windows) -> Floats:
    """Minimum of a value over the windows that cover each position; 0 where there is none."""
    far = np.float32(1e9)
    inside = np.where(one.inside, values, far)
    result = inside.copy()
    for by in range(1, one.order):
        np.minimum(result[by:], inside[:-by], out=result[by:])
    return np.where(result >= far, np.float32(0), result)


def ending(values: Floats, one: Windows) -> Floats:
    """The value of the window that ends at each position; 0 where there is none."""
    return shifted(np.where(one.inside, values, np.float32(0)), one.order - 1)


def followers(one: Numbers, other: Numbers, counted: NDArray[np.bool_]) -> Floats:
    """How many different `other` numbers stand beside each number of `one`, by number.

    A number of `other` names a longer n-gram that contains the one of `one`, always the same.
    """
    holder = np.full(int(other.max(initial=0)) + 1, -1)
    holder[other[counted]] = one[counted]
    different = holder[holder >= 0]
    return np.bincount(different, minlength=int(one.max(initial=0)) + 1).astype(np.float32)
