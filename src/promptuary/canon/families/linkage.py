"""Average linkage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def average_linkage(similar: Floats, cut: float) -> list[list[int]]:
    """Groups of row numbers whose mean likeness, when they were joined, was at least `cut`.

    Average linkage (Sokal and Michener 1958) by the nearest-neighbour chain (Benzecri 1982).
    Overwrites `similar`. A group whose nearest is further than `cut` is finished: average linkage
    is reducible, so nothing nearer can come.
    """
    size = len(similar)
    np.fill_diagonal(similar, -1)
    members = {at: [at] for at in range(size)}
    finished: list[list[int]] = []
    chain: list[int] = []
    while members:
        if not chain:
            chain.append(min(members))
        top = chain[-1]
        nearest = int(np.argmax(similar[top]))
        if len(chain) > 1 and similar[top, chain[-2]] >= similar[top, nearest]:
            nearest = chain[-2]
        if similar[top, nearest] < cut:
            finished.append(members.pop(top))
            _forget(similar, top)
            chain = []
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _join(similar, members, *sorted((top, nearest)))
        else:
            chain.append(nearest)
    return [sorted(group) for group in finished]


def _join(similar: Floats, members: dict[int, list[int]], kept: int, gone: int) -> None:
    a, b = len(members[kept]), len(members[gone])
    row = (similar[kept] * a + similar[gone] * b) / (a + b)
    row[similar[kept] < 0] = -1
    row[kept] = -1
    members[kept] += members.pop(gone)
    _forget(similar, gone)
    row[gone] = -1
    similar[kept] = row
    similar[:, kept] = row


def _forget(similar: Floats, at: int) -> None:
    similar[at] = -1
    similar[:, at] = -1
