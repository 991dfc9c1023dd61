"""A group of prompts laid under its template: one row a prompt, one column a fixed word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from promptuary.canon.alignment import Costs, Numbers, Pattern, Sequel, matches
from promptuary.canon.corpus import Corpus
from promptuary.canon.weighing import FAR

FILLED = 0.34  # of the rows have words where a slot is
COSTS = Costs(extra=2.0, missing=2.0, replaced=1.0)

Words = tuple[int, ...]


@dataclass(slots=True)
class Table:
    """`places[r, j]`: word of prompt `rows[r]` that stands in column `j`, or -1.

    A `given` column belongs to the values of the slot behind it (0) or before it (1).
    """

    corpus: Corpus
    rows: list[int]
    columns: list[int]
    places: Numbers
    given: dict[int, int] = field(default_factory=dict)

    def lengths(self) -> Numbers:
        """Number of words of each row's prompt."""
        return self.corpus.lengths[self.rows]

    def words(self, row: int, begin: int, end: int) -> Words:
        """Word numbers of a part of a row's prompt."""
        start = int(self.corpus.starts[self.rows[row]])
        return tuple(self.corpus.flat[start + begin : start + end].tolist())

    def insert(self, column: int, word: int, places: Numbers) -> None:
        """A new column before `column`."""
        self.columns.insert(column, word)
        self.places = np.insert(self.places, column, places, axis=1)

    def remove(self, column: int) -> None:
        """Give a column's words back to the gaps beside it."""
        del self.columns[column]
        self.places = np.delete(self.places, column, axis=1)
        kept = {c: side for c, side in self.given.items() if c != column}
        self.given = {c - (c > column): side for c, side in kept.items()}

    def keep(self, rows: Sequence[int]) -> None:
        """Only these rows stay."""
        self.rows = [self.rows[r] for r in rows]
        self.places = self.places[list(rows)]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Row `r` has the words `begin[r, k]` up to `end[r, k]` in the gap before column `k`."""

    begin: Numbers
    end: Numbers

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Where there are words."""
        return self.end > self.begin

    @property
    def used(self) -> NDArray[np.float64]:
        """Share of rows with words, by gap."""
        share: NDArray[np.float64] = np.mean(self.filled, axis=0)
        return share

    def of(self, gap: int) -> Iterator[tuple[int, int, int]]:
        """Row, begin and end of every row with words in the gap."""
        for row in np.flatnonzero(self.filled[:, gap]).tolist():
            yield row, int(self.begin[row, gap]), int(self.end[row, gap])


def gaps(table: Table) -> Gaps:
    """What stands between the columns; words before a missing column count to the next gap."""
    count = len(table.rows)
    last = np.full((count, 1), -1)
    reached = np.maximum.accumulate(np.hstack((last, table.places)), axis=1)
    begin = reached + 1
    stops = np.hstack((table.places, table.lengths()[:, None]))
    return Gaps(begin, np.where(stops >= 0, stops, begin))


def lay_under(
    corpus: Corpus,
    probability: NDArray[np.float32],
    groups: Sequence[tuple[Sequence[int], Pattern]],
) -> list[Table]:
    """A table for every group of prompts and its pattern."""
    gains = np.maximum(0.3, 1.5 + 0.4 * _log_odds(probability)).astype(np.float32)
    pairs, shown = [], []
    for members, pattern in groups:
        words = np.unique(pattern.columns)
        for prompt in members:
            sequel, kept = _sequel(corpus, prompt, gains, words)
            pairs.append((sequel, pattern))
            shown.append(kept)
    found = iter(zip(matches(pairs, COSTS), shown, strict=True))
    tables = []
    for members, pattern in groups:
        places = [_places(*next(found)) for _ in members]
        tables.append(Table(corpus, list(members), list(pattern.columns), np.array(places)))
    for table in tables:
        _accept_misspelt(table)
    return tables


def _log_odds(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    odds: NDArray[np.float32] = np.log(probability + 1e-6) - np.log1p(1e-6 - probability)
    return np.clip(odds, -4, 4)


def _sequel(
    corpus: Corpus, prompt: int, gains: NDArray[np.float32], words: Numbers
) -> tuple[Sequel, Numbers]:
    """The words of a prompt that its template has at all."""
    start, end = corpus.starts[prompt], corpus.starts[prompt + 1]
    kept = np.flatnonzero(np.isin(corpus.flat[start:end], words))
    edges = np.concatenate(([-1], kept, [end - start]))
    skipped = np.minimum(np.diff(edges) - 1, FAR).astype(np.float32)
    return Sequel(corpus.flat[start + kept], gains[start + kept], skipped), kept


def _places(chosen: Numbers, kept: Numbers) -> Numbers:
    if not len(kept):
        return chosen
    return np.where(chosen >= 0, kept[chosen], -1)


def _accept_misspelt(table: Table) -> None:
    """A word beside a missing column that is nearly its word stands in that column."""
    for row, column in np.argwhere(table.places < 0).tolist():
        place = _misspelt(table, row, column)
        if place is not None:
            table.places[row, column] = place


def _misspelt(table: Table, row: int, column: int) -> int | None:
    here = table.places[row]
    before = here[:column].max(initial=-1)
    later = here[column + 1 :]
    length = int(table.lengths()[row])
    after = int(later[later >= 0].min(initial=length))
    names, wanted = table.corpus.words, table.corpus.words[table.columns[column]]
    for place in (int(before) + 1, after - 1):
        if before < place < after:
            word = names[table.words(row, place, place + 1)[0]]
            if OSA.distance(word, wanted, score_cutoff=2) <= _tolerance(wanted):
                return place
    return None


def _tolerance(word: str) -> int:
    """Edits that a misspelling of the word may have."""
    return 0 if len(word) < 2 else 1 if len(word) < 6 else 2


def slot_pattern(table: Table) -> Pattern:
    """The table's columns as a pattern, with slots where enough rows have words."""
    slots = gaps(table).used >= FILLED
    return Pattern(tuple(table.columns), tuple(slots.tolist()))
