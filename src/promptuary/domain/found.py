"""What an index keeps, and what a search gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.filters import Payload


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found: texts by field (searched by words), a payload (filtered), a vector.

    `vector` is a unit vector of the index's space, or None for a thing that has no meaning vector.
    """

    id: str
    texts: Mapping[str, str]
    payload: Payload = field(default_factory=dict)
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A found entry and its score; a higher score is better, the scale is the ranker's own."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """A hit of a search with everything to show: fused score, what each ranker said, highlights.

    `highlights` maps a text field to fragments in which matched words stand between `**`.
    """

    id: str
    score: float
    payload: Payload
    texts: Mapping[str, str]
    highlights: Mapping[str, tuple[str, ...]]
    reasons: tuple[str, ...]


def ids_of(found: Iterable[Found]) -> list[str]:
    """Their ids, in the same order."""
    return [each.id for each in found]
