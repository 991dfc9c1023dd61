"""Vectors and the space they live in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Rows are unit vectors (or zero where a text has no known word); shape (n, dimensions)."""


@dataclass(frozen=True, slots=True)
class Space:
    """An embedding space. Two vectors may be compared only when their fingerprints are equal."""

    name: str
    dimensions: int
    fingerprint: str
    """Changes whenever the same text could embed differently; part of every cache key and index."""
