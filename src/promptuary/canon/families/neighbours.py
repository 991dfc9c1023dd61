"""The nearest of each row, in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

BLOCK = 512  # rows compared with all others at a time


def nearest(rows: Floats, count: int) -> tuple[Numbers, Floats]:
    """For each row the `count` others with the largest inner product, nearest first, and those.

    Two arrays (rows, at most `count`). Equal ones come in the order of their numbers. Time is
    quadratic, memory linear in the rows.
    """
    count = min(count, len(rows) - 1)
    if count < 1:
        return np.zeros((len(rows), 0), dtype=np.int64), np.zeros((len(rows), 0), dtype=np.float32)
    found = [_nearest(part, at, count) for at, part in _blocks(rows)]
    return np.concatenate([n for n, _ in found]), np.concatenate([s for _, s in found])


def _blocks(rows: Floats) -> Iterator[tuple[int, Floats]]:
    for at in range(0, len(rows), BLOCK):
        similar = rows[at : at + BLOCK] @ rows.T
        similar[np.arange(len(similar)), at + np.arange(len(similar))] = -np.inf
        yield at, similar


def _nearest(similar: Floats, at: int, count: int) -> tuple[Numbers, Floats]:
    del at
    some = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    some.sort(axis=1)
    values = np.take_along_axis(similar, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1), np.take_along_axis(values, order, axis=1)
