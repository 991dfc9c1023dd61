"""Products of small matrices in one thread."""

from __future__ import annotations

import numpy as np

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


def cosines(rows: Vectors, others: Vectors) -> Vectors:
    """`rows @ others.T`, multiplied in blocks of rows that one thread multiplies."""
    found = np.empty((len(rows), len(others)), dtype=np.float32)
    step = max(1, ALONE // max(1, others.size))
    for start in range(0, len(rows), step):
        np.matmul(rows[start : start + step], others.T, out=found[start : start + step])
    return found
