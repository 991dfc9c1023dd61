"""The lexicon of an index that several processes share: replayed from its log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import anyio.to_thread

from promptuary.adapters.indexes._shared.engine import Point
from promptuary.adapters.indexes._shared.records import Record, everything, exchange, from_text
from promptuary.domain.found import Entry
from promptuary.retrieval.lexicon import Lexicon, counted_terms
from promptuary.retrieval.lexicon import Words as CountedTerms

_COMPACT_ABOVE = 1 << 22


class Words:
    """Terms, text fields and counts up to a position of the log."""

    def __init__(self) -> None:
        self.lexicon = Lexicon()
        self.position = 0
        self._length = 0
        self._whole = 0

    def take(self, log: Iterable[tuple[int, str]]) -> None:
        """Replay what is new."""
        for position, text in log:
            if position > self.position:
                self.note(position, text, from_text(text))

    def note(self, position: int, text: str, record: Record) -> None:
        """Take over one record that stands at that position."""
        if record.anew:
            self.lexicon = Lexicon()
            self._length = self._whole = len(text)
        self.lexicon.learn(record.terms, record.fields)
        self.lexicon.count(record.entries, record.dimensions, record.changes)
        self.position = position
        self._length += len(text)

    def long_winded(self) -> bool:
        """Whether the log has become much longer than what it says."""
        return self._length > max(_COMPACT_ABOVE, 3 * self._whole)

    def whole(self) -> Record:
        """Everything, as one record."""
        return everything(self.lexicon)

    async def weigh(
        self, entries: Sequence[Entry], before: Iterable[Sequence[int]]
    ) -> tuple[list[Point], Record]:
        """The entries with the weights of their words, and the record of their coming instead of
        what stood there before. Names are numbered as the log's next position will number them:
        the lexicon learns them for good when the record stands there. Nothing may be replayed
        meanwhile."""
        counted = await anyio.to_thread.run_sync(_counted, entries)
        terms, fields = self.lexicon.unknown(counted)
        self.lexicon.learn(terms, fields)
        try:
            weights = await anyio.to_thread.run_sync(_weighed, self.lexicon, counted)
        finally:
            self.lexicon.unlearn(terms, fields)
        record = replace(exchange(weights, list(before)), terms=terms, fields=fields)
        return [Point(*pair) for pair in zip(entries, weights, strict=True)], record


def _counted(entries: Sequence[Entry]) -> list[CountedTerms]:
    return [counted_terms(entry.texts) for entry in entries]


def _weighed(lexicon: Lexicon, counted: Sequence[CountedTerms]) -> list[dict[int, float]]:
    return [lexicon.weigh(one) for one in counted]
