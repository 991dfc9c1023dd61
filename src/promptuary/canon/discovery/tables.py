"""A group of prompts laid under its template: one row a prompt, one column a fixed word."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from promptuary.canon.discovery.alignment import Costs, Numbers, Pattern, Sequel, matches
from promptuary.canon.discovery.corpus import Corpus, Words
from promptuary.canon.discovery.weighing import skips

OPTIONAL = 0.34  # of the rows have words where a slot is
COSTS = Costs(extra=2.0, missing=2.0, replaced=1.0)


@dataclass(slots=True)  # changes: columns and rows come and go
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
        return self.corpus.sequences[self.rows[row]][begin:end]

    def insert(self, column: int, words: Sequence[int], places: Numbers) -> None:
        """New columns before `column`; `places[r, k]` is where row `r` has `words[k]`, or -1."""
        self.columns[column:column] = words
        before, after = self.places[:, :column], self.places[:, column:]
        self.places = np.concatenate((before, places, after), axis=1)
        self.given = {c + len(words) * (c >= column): side for c, side in self.given.items()}

    def remove(self, columns: Collection[int]) -> None:
        """Give the words of some columns back to the gaps beside them."""
        kept = [c for c in range(len(self.columns)) if c not in columns]
        self.columns = [self.columns[c] for c in kept]
        self.places = self.places[:, kept]
        self.given = {new: self.given[c] for new, c in enumerate(kept) if c in self.given}

    def add(self, prompt: int, places: Sequence[int]) -> None:
        """One more row."""
        self.rows.append(prompt)
        self.places = np.vstack((self.places, places))

    def keep(self, rows: Sequence[int]) -> None:
        """Only these rows stay."""
        self.rows = [self.rows[r] for r in rows]
        self.places = self.places[list(rows)]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Row `r` has the words `begin[r, k]` up to `end[r, k]` in the gap before column `k`.

    `filled` is where there are words, `used` the share of rows with words, by gap.
    """

    begin: Numbers
    end: Numbers
    filled: NDArray[np.bool_]
    used: NDArray[np.float64]

    def of(self, gap: int) -> Iterator[tuple[int, int, int]]:
        """Row, begin and end of every row with words in the gap."""
        rows = self.filled[:, gap].nonzero()[0]
        begin, end = self.begin[rows, gap], self.end[rows, gap]
        return zip(rows.tolist(), begin.tolist(), end.tolist(), strict=True)


def gaps(table: Table) -> Gaps:
    """What stands between the columns; words before a missing column count to the next gap."""
    rows, columns = table.places.shape
    begin = np.zeros((rows, columns + 1), dtype=np.int64)
    end = np.empty_like(begin)
    np.maximum.accumulate(table.places + 1, axis=1, out=begin[:, 1:])
    end[:, :-1] = table.places
    end[:, -1] = table.lengths()
    np.copyto(end, begin, where=end < 0)
    filled = end > begin
    return Gaps(begin, end, filled, np.add.reduce(filled, axis=0, dtype=np.float64) / max(1, rows))


def lay_under(
    corpus: Corpus,
    probability: NDArray[np.float32],
    groups: Sequence[tuple[Sequence[int], Pattern]],
) -> list[Table]:
    """A table for every group of prompts and its pattern."""
    patterns = [pattern for _, pattern in groups]
    pairs = [(prompt, k) for k, (members, _) in enumerate(groups) for prompt in members]
    found = iter(places_under(corpus, probability, patterns, pairs))
    tables = []
    for members, pattern in groups:
        places = np.array([next(found) for _ in members])
        tables.append(Table(corpus, list(members), list(pattern.columns), places))
    return tables


def places_under(
    corpus: Corpus,
    probability: NDArray[np.float32],
    patterns: Sequence[Pattern],
    pairs: Sequence[tuple[int, int]],
) -> list[list[int]]:
    """For each prompt and number of a pattern, the word that stands in each column, or -1."""
    gains = np.maximum(0.3, 1.5 + 0.4 * _log_odds(probability)).astype(np.float32)
    kept = [_known(corpus.sequences[prompt], patterns[k]) for prompt, k in pairs]
    sequels = [_sequel(corpus, d, gains, known) for (d, _), known in zip(pairs, kept, strict=True)]
    numbered = [(number, k) for number, (_, k) in enumerate(pairs)]
    result = []
    chosen = matches(sequels, patterns, numbered, COSTS)
    for (prompt, k), known, one in zip(pairs, kept, chosen, strict=True):
        places = [known[at] if at >= 0 else -1 for at in one]
        if -1 in places:
            _accept_misspelt(corpus, prompt, patterns[k].columns, places)
        result.append(places)
    return result


def _log_odds(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    odds: NDArray[np.float32] = np.log(probability + 1e-6) - np.log1p(1e-6 - probability)
    return np.clip(odds, -4, 4)


def _known(text: Words, pattern: Pattern) -> list[int]:
    """Where a prompt has words that its template has at all."""
    words = pattern.words
    return [place for place, word in enumerate(text) if word in words]


def _sequel(corpus: Corpus, prompt: int, gains: NDArray[np.float32], kept: Sequence[int]) -> Sequel:
    places = np.array(kept, dtype=np.int64)
    at = places + corpus.starts[prompt]
    return Sequel(corpus.flat[at], gains[at], skips(places, len(corpus.sequences[prompt])))


def _accept_misspelt(
    corpus: Corpus, prompt: int, columns: Sequence[int], places: list[int]
) -> None:
    """A word beside a missing column that is nearly its word stands in that column."""
    text, names = corpus.sequences[prompt], corpus.words
    afters, after = [], len(text)
    for place in reversed(places):
        afters.append(after)
        after = place if place >= 0 else after
    before = -1
    for column, (place, after) in enumerate(zip(places, reversed(afters), strict=True)):
        if place < 0 and after - before > 1:
            wanted = names[columns[column]]
            nearly = (at for at in (before + 1, after - 1) if _alike(names[text[at]], wanted))
            places[column] = next(nearly, -1)
        before = max(before, places[column])


def _alike(word: str, wanted: str) -> bool:
    """Whether a word is within the edits that a misspelling of the wanted one may have."""
    allowed = 0 if len(wanted) < 2 else 1 if len(wanted) < 6 else 2
    if abs(len(word) - len(wanted)) > allowed:
        return False
    return OSA.distance(word, wanted, score_cutoff=allowed) <= allowed


def slot_pattern(table: Table) -> Pattern:
    """The table's columns as a pattern, with slots where enough rows have words."""
    slots = gaps(table).used >= OPTIONAL
    return Pattern(tuple(table.columns), tuple(slots.tolist()))
