"""What caring for an index finds and makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Fault: TypeAlias = Literal["missing", "extra", "type", "value", "version", "unfindable"]
"""What may be wrong with an entry of an index: it is not there; the record knows nothing of
it; a value of it has another type; another value; it is of an older state of the record; it is
there with another vector, or a filter or its own words do not find it."""
FAULTS: Final[tuple[Fault, ...]] = (
    "missing",
    "extra",
    "type",
    "value",
    "version",
    "unfindable",
)

MISCOUNTED: Final = "miscounted"
"""What is wrong with an index as a whole: words that it counts otherwise than they stand in its
entries."""


@dataclass(frozen=True, slots=True)
class Verified:
    """An index beside its record, entry by entry.

    `faults` counts what was wrong by kind (MISCOUNTED among them, in words), `examples` names some
    of each. `repaired` were written again or removed before what is said here was found. `digest`
    is of all ids that should be there.
    """

    entries: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repaired: int = 0
    digest: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong."""
        return not any(self.faults.values())


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


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table of a record in another database, row by row; `digest` is of all rows there."""

    name: str
    rows: int
    digest: str
    faults: Mapping[str, int] = field(default_factory=dict)
    """How many are `missing` there, `extra` there, or of another `value`."""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordCopy:
    """A record in another database. `copied` rows were written just now, the others before."""

    source: str
    tables: tuple[TableCopy, ...]
    copied: int

    @property
    def rows(self) -> int:
        """How many rows the record has."""
        return sum(table.rows for table in self.tables)

    @property
    def clean(self) -> bool:
        """Whether the copy is the record, row by row."""
        return not any(table.faults for table in self.tables)
