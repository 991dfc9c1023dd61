"""What an engine must be able to do for `ServedIndex` to make an index of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors

Counts: TypeAlias = Counter[tuple[str, str | bool | int]]
"""How many entries carry a value, by the name of its type and the value."""

Weights: TypeAlias = Mapping[int, float]
"""A sparse vector over the lexicon's dimensions."""


@dataclass(frozen=True, slots=True)
class Point:
    """An entry with the weights of its words."""

    entry: Entry
    words: Weights


@dataclass(frozen=True, slots=True)
class Change:
    """A step of the log and what it does: entries written, and entries removed (by id), of which
    some may not be there."""

    position: int
    record: str
    points: Sequence[Point] = ()
    removed: Sequence[str] = ()
    before: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The dimensions of those among them that stood there before."""


class Engine(Protocol):
    """Keeps entries, a log of numbered texts, and named notes. Opened for one embedding space.

    Everything raises the errors of the house: Unavailable and TimedOut when the server cannot be
    asked or may not be written to, StorageFull when it has no room, Misconfigured for wrong
    credentials and for what is gone or was never ours.
    """

    @property
    def tears(self) -> bool:
        """Whether an entry that is being written while the server is killed may be kept there and
        never be found, even when it is written again: only removing it first helps."""
        ...

    async def read_note(self, name: str) -> str | None:
        """A text kept under a name."""
        ...

    async def write_note(self, name: str, text: str) -> None:
        """Keep a text under a name, durably."""
        ...

    async def log_after(self, position: int) -> Sequence[tuple[int, str]]:
        """The log's texts after a position, in ascending order."""
        ...

    async def log_cut(self, position: int) -> None:
        """Forget what stands before that position."""
        ...

    async def apply(self, change: Change) -> bool:
        """Add the record to the log at the position and do what the change says. False, and nothing
        done, when somebody else has taken that position."""
        ...

    async def wipe(self, position: int, record: str) -> bool:
        """The same for the removal of every entry."""
        ...

    async def standing(self, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Which of these exist, with the dimensions of their words."""
        ...

    async def retrieve(self, ids: Sequence[str], *, vectors: bool = True) -> Sequence[Entry]:
        """Those that exist, in no order."""
        ...

    async def count(self, where: Filter | None) -> int:
        """How many match, exactly."""
        ...

    async def ids_after(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """Ids in ascending order by code point."""
        ...

    async def nearest(
        self, queries: Vectors, limit: int, where: Filter | None
    ) -> Sequence[Sequence[Hit]]:
        """Best first by the cosine; no row is all zeros."""
        ...

    async def by_words(
        self, asked: Weights, limit: int, offset: int, where: Filter | None
    ) -> Sequence[Hit]:
        """Best first by the product with the weights of the entries."""
        ...

    async def facets(self, field: str, where: Filter | None) -> Counts:
        """How many matching entries carry each countable value of the field."""
        ...

    async def aclose(self) -> None:
        """Release connections; called once."""
        ...
