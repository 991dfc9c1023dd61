"""Where things are found: vectors, words, filters and facets over entries derived from the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What to look for by words.

    `boosts` weighs text fields (missing fields weigh 1, 0 leaves a field out); `phrase` wants the
    words next to each other in order; `prefix` lets the last word be unfinished; `typos` allows
    an edit distance of 1 for words of 4 to 7 letters and 2 for longer ones.
    """

    text: str
    boosts: Mapping[str, float] = field(default_factory=dict)
    phrase: bool = False
    prefix: bool = False
    typos: bool = True


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """`ok`: answers are complete. `rebuilding`: the folder was lost or damaged, answers are partial."""

    state: Literal["ok", "rebuilding"]
    entries: int
    watermark: int
    detail: str = ""


class Index(Protocol):
    """Derived from the record and rebuildable from it; never the only copy of anything.

    Safe to call from several tasks at once. What `put` and `remove` acknowledged survives a kill.
    Opening one whose stored space has another fingerprint raises SpaceMismatch.
    """

    @property
    def space(self) -> Space:
        """The only space whose vectors may be put or searched."""
        ...

    async def put(self, entries: Sequence[Entry]) -> None:
        """Write or overwrite by id; the same entries twice change nothing.

        Raises SpaceMismatch for a vector of another length; then nothing is written.
        """
        ...

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """The entries that exist, in the order asked; unknown ids are left out."""
        ...

    async def remove(self, ids: Sequence[str]) -> int:
        """How many of them existed."""
        ...

    async def clear(self) -> None:
        """Remove every entry and set the watermark to 0."""
        ...

    async def count(self, where: Filter | None = None) -> int:
        """How many entries match, exactly."""
        ...

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """Ids in ascending order after `after` (keyset): stable while others write."""
        ...

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """Best first, one list a query row; the score is the cosine, in [-1, 1].

        Entries without a vector are not found. Raises SpaceMismatch for rows of another length.
        """
        ...

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """Best first by BM25 over the boosted text fields; the score is above 0.

        A query without a word finds nothing.
        """
        ...

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """How many matching entries carry each value of a payload field, most frequent first, then
        by value. Fields hold strings, integers or booleans."""
        ...

    async def watermark(self) -> int:
        """The newest outbox position whose effect is in the index; 0 in a new one."""
        ...

    async def set_watermark(self, position: int) -> None:
        """Durably note that everything up to that outbox position has been put."""
        ...

    async def health(self) -> IndexHealth:
        """Answers even while the engine cannot."""
        ...

    async def aclose(self) -> None:
        """Flush and release; closing twice is harmless."""
        ...
