"""What may be wrong with an entry of an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.found import Entry
from promptuary.domain.upkeep import Fault
from promptuary.domain.vectors import Space, Vectors

ALIKE: Final = 0.999
"""The cosine from which on two vectors say the same; an index gives back what was put within
1e-3."""


def fault_of(wanted: Entry, kept: Entry) -> Fault | None:
    """What is wrong with an entry that is kept where another is wanted, the gravest first."""
    if dict(wanted.texts) != dict(kept.texts):
        return "value"
    if fault := _payload_fault(wanted.payload, kept.payload):
        return fault
    return None if _same_meaning(wanted, kept) else "unfindable"


def _payload_fault(wanted: Mapping[str, object], kept: Mapping[str, object]) -> Fault | None:
    differing = [name for name in {*wanted, *kept} if _other(wanted.get(name), kept.get(name))]
    if not differing:
        return None
    if any(
        name in wanted and name in kept and type(wanted[name]) is not type(kept[name])
        for name in differing
    ):
        return "type"
    return "version" if "version" in differing else "value"


def _other(one: object, two: object) -> bool:
    return type(one) is not type(two) or one != two


def _same_meaning(wanted: Entry, kept: Entry) -> bool:
    if wanted.vector is None or kept.vector is None:
        return wanted.vector is None and kept.vector is None
    if wanted.vector.shape != kept.vector.shape:
        return False
    return float(np.dot(wanted.vector, kept.vector)) >= ALIKE


def a_probe(id_: str, space: Space) -> Entry:
    """An entry to try an index with."""
    vector = np.zeros(space.dimensions, np.float32)
    vector[0] = 1.0
    return Entry(id_, {"text": "preflight probe"}, {"kind": "probe"}, vector)


def as_query(entry: Entry) -> Vectors:
    """What an entry is found with by meaning: one row, or none where it has no vector."""
    return np.zeros((0, 0), np.float32) if entry.vector is None else entry.vector[None, :]


def turned_away(entry: Entry) -> NDArray[np.float32] | None:
    """A vector at a right angle to the entry's own."""
    if entry.vector is None:
        return None
    turned = np.roll(entry.vector, 1)
    turned = turned - np.dot(turned, entry.vector) * entry.vector
    level: NDArray[np.float32] = (turned / np.linalg.norm(turned)).astype(np.float32)
    return level
