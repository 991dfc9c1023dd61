"""Average linkage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Join: TypeAlias = tuple[float, int, int]
"""The mean likeness of two groups that are joined, and a row of each."""


def average_linkage(similar: Floats, cut: float) -> list[list[int]]:
    """Groups of row numbers whose mean likeness, when they were joined, was at least `cut`; two
    rows of negative likeness are never in one group.

    Overwrites `similar`, as `joins` does.
    """
    return groups_at(joins(similar, cut), len(similar), cut)


def groups_at(joined: Iterable[Join], size: int, cut: float) -> list[list[int]]:
    """What these joins make of so many rows if only those of at least `cut` are made; ordered by
    their first rows."""
    home = list(range(size))
    for likeness, one, other in joined:
        if likeness >= cut:
            low, high = sorted((_root(home, one), _root(home, other)))
            home[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for at in range(size):
        groups[_root(home, at)].append(at)
    return list(groups.values())


def _root(home: list[int], at: int) -> int:
    while home[at] != at:
        at = home[at]
    return at


def joins(similar: Floats, least: float) -> list[Join]:
    """The joins of average linkage (Sokal and Michener 1958) whose likeness is at least `least`, by
    the nearest-neighbour chain (Benzecri 1982), which does not make them in order of likeness.

    Overwrites `similar`. A group whose nearest is further than `least` is finished: average linkage
    is reducible, so nothing nearer can come.
    """
    np.fill_diagonal(similar, -1)
    members = dict.fromkeys(range(len(similar)), 1)
    made: list[Join] = []
    chain: list[int] = []
    while members:
        if not chain:
            chain.append(min(members))
        top = chain[-1]
        nearest = int(np.argmax(similar[top]))
        if len(chain) > 1 and similar[top, chain[-2]] >= similar[top, nearest]:
            nearest = chain[-2]
        if similar[top, nearest] < least:
            del members[top]
            _forget(similar, top)
            chain = []
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            made.append((float(similar[top, nearest]), top, nearest))
            _join(similar, members, *sorted((top, nearest)))
        else:
            chain.append(nearest)
    return made


def _join(similar: Floats, members: dict[int, int], kept: int, gone: int) -> None:
    a, b = members[kept], members.pop(gone)
    row = (similar[kept] * a + similar[gone] * b) / (a + b)
    row[(similar[kept] < 0) | (similar[gone] < 0)] = -1
    row[kept] = -1
    members[kept] = a + b
    _forget(similar, gone)
    row[gone] = -1
    similar[kept] = row
    similar[:, kept] = row


def _forget(similar: Floats, at: int) -> None:
    similar[at] = -1
    similar[:, at] = -1
