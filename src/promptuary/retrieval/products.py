"""Products of small matrices in one thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.vectors import Vectors

ALONE = 4 * 65_536
"""OpenBLAS wakes its threads for more multiplications than these (`interface/gemm.c`). For matrices
as small as ours waking and waiting takes longer than multiplying, and cores that others need."""


def weighed(rows: Vectors, weights: Vectors) -> Vectors:
    """`rows @ weights`, each row summed by itself: the same to the bit whatever stands beside it.

    BLAS sums several rows at once and the last ones otherwise, so that the last bits depend on how
    many there are; and its kernels may warn of an invalid value where every number is finite.
    """
    return np.asarray(np.einsum("ij,j->i", rows, weights), dtype=np.float32)


def cosines(rows: Vectors, others: Vectors, some: NDArray[np.intp] | None = None) -> Vectors:
    """`rows @ others.T`, multiplied in blocks of rows that one thread multiplies; with `some`, of
    the rows of these numbers, in their order."""
    count = len(rows) if some is None else len(some)
    found = np.empty((count, len(others)), dtype=np.float32)
    step = max(1, ALONE // max(1, others.size))
    for start in range(0, count, step):
        part = slice(start, start + step)
        # A block of rows is copied at a time: all of them would not fit into a processor's cache.
        np.matmul(rows[part if some is None else some[part]], others.T, out=found[part])
    return found
