"""What caring for an index finds and makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexReport:
    """An index beside its record, entry by entry.

    `missing` are in the record alone, `stale` say something else in the index, `surplus` are in the
    index alone; `examples` names the first of them. The digests cover every id, text and payload,
    in any order: they are equal exactly when nothing is missing, stale or surplus.
    """

    checked: int
    missing: int
    stale: int
    surplus: int
    repaired: bool
    record_digest: str
    index_digest: str
    examples: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the index said what the record says, before anything was repaired."""
        return self.record_digest == self.index_digest


@dataclass(frozen=True, slots=True)
class IndexStats:
    """How much an index holds, and how far it is. `kinds` counts entries by what they are."""

    engine: str
    state: str
    detail: str
    entries: int
    kinds: Mapping[str, int]
    watermark: int
    expected: int
    space: str
    dimensions: int
    fingerprint: str
    generations: int


@dataclass(frozen=True, slots=True)
class IndexCopy:
    """A file with every entry of an index, as it was up to `watermark`."""

    entries: int
    watermark: int
    space: str
    digest: str
