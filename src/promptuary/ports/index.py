"""Where things are found: by vectors, words and filters, over entries derived from the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What to look for by words; a word is what `retrieval/words.py` says it is.

    An entry is found when one of the words stands in one of its text fields; with `phrase`, when
    all of them stand side by side in order in one field (which may be overlooked in entries beyond
    the 10,000 best). `boosts` weighs text fields (those not
    named weigh 1, 0 leaves a field out). With `prefix` the last word may be unfinished. With
    `typos` a word also stands for others with the same first letter at an edit distance (a letter
    wrong, missing, added, or two neighbours swapped) of 1 for words of 4 to 7 letters and 2 for
    longer ones; words with a digit are taken literally. With `forms` a word also stands for its
    other forms (`orders` for `order`), and for what it may have been meant to be (a correction, a
    completion) only where none of them stands in an entry. How many terms one word may stand for
    is bounded as `retrieval/lexicon.py` says.
    """

    text: str
    boosts: Mapping[str, float] = field(default_factory=dict)
    phrase: bool = False
    prefix: bool = False
    typos: bool = True
    forms: bool = False


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A typed word and the terms of an index that it stands for, each with what a match counts: 1
    for the word itself, less for others.

    `entries` is in how many entries the commonest of them stands.
    """

    typed: str
    terms: Mapping[str, float]
    entries: int


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """`ok`: answers are complete up to the watermark.

    `rebuilding`: entries were lost, cleared or are known to be missing (see `Index.expect`), so
    answers are partial until the watermark reaches `expected`; `detail` says why.
    """

    state: Literal["ok", "rebuilding"]
    entries: int
    watermark: int
    detail: str = ""
    expected: int = 0


class Index(Protocol):
    """Derived from the record and rebuildable from it; never the only copy of anything.

    Safe to call from several tasks at once; the event loop is never held up. What `put` and
    `remove` acknowledged survives a kill. Opening one whose stored space has another fingerprint
    raises SpaceMismatch; opening a folder that another process has open raises Busy; what is found
    damaged on opening is moved aside and begun anew. A call that is cancelled either happens as a
    whole or not at all. After `aclose` every call but `health` and `aclose` raises Unavailable.
    """

    @property
    def space(self) -> Space:
        """The only space whose vectors may be put or searched."""
        ...

    async def put(self, entries: Sequence[Entry]) -> None:
        """Write or overwrite by id, the last of equal ids wins; the same again changes nothing.

        Any non-empty id will do. A vector is given back by `get` within 1e-3 of what was put; one
        that is all zeros means nothing and is never found by meaning. Raises SpaceMismatch for a
        vector of another length and InvalidInput for a value that cannot be kept (NaN in a vector,
        a payload value that is no scalar or tuple of strings); then nothing is written.
        """
        ...

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """The entries that exist, in the order asked; unknown ids are left out."""
        ...

    async def remove(self, ids: Sequence[str]) -> int:
        """How many of them existed."""
        ...

    async def clear(self) -> None:
        """Remove every entry and set the watermark to 0: health is `rebuilding` until the watermark
        is back where it was."""
        ...

    async def count(self, where: Filter | None = None) -> int:
        """How many entries match, exactly."""
        ...

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """Ids in ascending order (by code point) after `after`, which need not exist: a keyset, so
        walking through neither repeats nor misses an entry that stays while others come and go."""
        ...

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """Best first, one list a query row; the score is the cosine, in [-1, 1], within 1e-3.

        Exact: no entry is overlooked. Entries without a vector are not found; a row of zeros finds
        nothing. Raises SpaceMismatch for rows of another length, InvalidInput for NaN.
        """
        ...

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """Best first by the BM25 of `retrieval/lexicon.py`; the score is above 0.

        Which entries are found is exact (but for entries being written meanwhile), and so are
        scores within 1 %, so that two engines may disagree on the order of near equals only. A
        query without a word finds nothing.
        """
        ...

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """The words of the query, each once in order, and what the index knows of them: a question
        of the list of terms, whatever the entries are. A word of which nothing is known is kept."""
        ...

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """How many matching entries carry each value of a payload field, exactly: most frequent
        first, then by value. Strings, integers and booleans are counted, fractions are not; a field
        should hold one kind of value."""
        ...

    async def watermark(self) -> int:
        """The newest outbox position whose effect is in the index; 0 in a new one."""
        ...

    async def set_watermark(self, position: int) -> None:
        """Durably note that everything up to that outbox position has been put."""
        ...

    async def expect(self, position: int) -> None:
        """Durably note that entries are missing up to that outbox position: health is `rebuilding`
        until the watermark reaches it. For an owner that finds the watermark at 0 although its
        record is old (a folder that went away). Never takes back a higher expectation."""
        ...

    async def health(self) -> IndexHealth:
        """Answers even while the engine cannot."""
        ...

    async def aclose(self) -> None:
        """Flush and release; closing twice is harmless."""
        ...


@runtime_checkable
class SharedIndex(Protocol):
    """What an index can say besides that several processes open at once."""

    async def place(self) -> str:
        """What tells it from every other index, the same for whoever opens it under whatever URL;
        at most 255 characters. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Generation:
    """One making of an index; `bytes` is what it takes on the engine's disks."""

    name: str
    entries: int
    bytes: int
    serves: bool


@runtime_checkable
class StagedIndex(Protocol):
    """What some indexes can do besides: be made anew beside the one that serves, under the same
    name."""

    async def stage(self) -> Index:
        """A new, empty generation of the same space, which nobody finds yet and the caller closes.
        Earlier generations that do not serve are removed, as is what nobody finished."""
        ...

    async def publish(self, staged: Index) -> None:
        """Let what was staged here serve instead, in one step: every search finds the one or the
        other. The generation of before stays until the next is staged."""
        ...

    async def generations(self) -> Sequence[Generation]:
        """Every generation that there is, oldest first; one of them serves."""
        ...

    async def serve(self, name: str) -> None:
        """Let that generation serve. Raises NotFound."""
        ...


@runtime_checkable
class CountedIndex(Protocol):
    """What indexes do besides that count words in a log beside their entries."""

    async def recount(self, *, repair: bool = False) -> int:
        """How many words are counted otherwise than they stand in entries, as may be after a
        process was killed while it wrote; with `repair` they are then counted right. Scores depend
        on these counts, what is found hardly does. Reads every entry. Raises Busy while others keep
        writing."""
        ...
