"""Templates that are others with a value where those have a slot.

A value that several prompts share (a document asked about again and again, a name) looks like
fixed text and makes a template of its own. In a description by a dictionary of values it is one
more entry, which costs less than the fixed words of a second template. So does a phrase that many
values share; that it is a value's phrase shows where prompts of other templates have it too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats, Numbers, Pattern
from promptuary.canon.discovery.context import LINE, STRONG
from promptuary.canon.discovery.corpus import Corpus, Words
from promptuary.canon.discovery.ngrams import Windows
from promptuary.canon.discovery.tables import OPTIONAL, Table, gaps, places_under, slot_pattern

FEWEST = 3  # columns of a template that others may be instances of
FITTING = 0.8  # of an instance's rows are explained by others without a departure
PASSAGE = 5  # words of a value that makes an instance of a smaller template too
OPENING = 2  # words that values may happen to share beside a part that varies
MARKED = 0.5  # of the rows have a mark beside such words, which then are template text

Fit = tuple[int, int, list[int]]  # columns, number of the table, places of the columns


@dataclass(frozen=True, slots=True)
class _Phrases:
    """In how many tables each phrase stands, by number, and in which (`number * many + table`)."""

    windows: Windows
    tables: Numbers
    holders: Numbers
    many: int

    def outside(self, number: int, tables: tuple[int, ...]) -> int:
        """How many tables but these have a phrase."""
        keys = number * self.many + np.array(tables)
        at = np.minimum(np.searchsorted(self.holders, keys), len(self.holders) - 1)
        return int(self.tables[number] - (self.holders[at] == keys).sum())


@dataclass(frozen=True, slots=True)
class _Known:
    """The tables, their patterns, which of them to look up for a word, and phrases."""

    tables: Sequence[Table]
    patterns: Sequence[Pattern]
    counts: Sequence[Counter[int]]
    keys: dict[int, list[int]]
    phrases: _Phrases


def fold(
    corpus: Corpus,
    probability: Floats,
    tables: Sequence[Table],
    separators: NDArray[np.uint8],
    phrases: Windows,
) -> list[Table]:
    """The tables, with the rows of mere instances added to the templates they are instances of.

    `phrases` are windows of the corpus, of a few words each.
    """
    known = _known(tables, _phrases(corpus, tables, phrases))
    pairs = [(d, k, own) for own, table in enumerate(tables) for d, k in _pairs(known, table, own)]
    found = places_under(corpus, probability, known.patterns, [(d, k) for d, k, _ in pairs])
    fits: list[dict[int, list[Fit]]] = [{} for _ in tables]
    for (d, k, own), places in zip(pairs, found, strict=True):
        if _fits(places, len(corpus.sequences[d]), known.patterns[k]):
            fits[own].setdefault(d, []).append((len(places), k, places))
    gone: set[int] = set()
    for own in sorted(range(len(tables)), key=lambda k: (len(tables[k].rows), k)):
        homes = _homes(known, own, fits[own], gone, separators)
        if len(homes) >= FITTING * len(tables[own].rows):
            for prompt, (_, number, places) in homes.items():
                tables[number].add(prompt, places)
            gone.add(own)
    return [table for number, table in enumerate(tables) if number not in gone]


def _phrases(corpus: Corpus, tables: Sequence[Table], windows: Windows) -> _Phrases:
    many = max(1, len(tables))
    home = np.full(len(corpus), -1)
    for number, table in enumerate(tables):
        home[table.rows] = number
    placed = windows.inside & (home[corpus.owner] >= 0)
    holders = np.unique(windows.number[placed] * many + home[corpus.owner][placed])
    count = np.bincount(holders // many, minlength=len(windows.times))
    return _Phrases(windows, count, holders, many)


def _known(tables: Sequence[Table], phrases: _Phrases) -> _Known:
    patterns = [slot_pattern(table) for table in tables]
    counts = [Counter(pattern.columns) for pattern in patterns]
    having = Counter(word for count in counts for word in count)
    keys: dict[int, list[int]] = defaultdict(list)
    for number, count in enumerate(counts):
        if sum(count.values()) >= FEWEST:
            keys[min(count, key=lambda word: (having[word], word))].append(number)
    return _Known(tables, patterns, counts, keys, phrases)


def _pairs(known: _Known, table: Table, own: int) -> Iterator[tuple[int, int]]:
    """Each row's prompt with every other template all of whose words it has."""
    for prompt in table.rows:
        text = table.corpus.sequences[prompt]
        words = set(text)
        for key in words & known.keys.keys():
            for number in known.keys[key]:
                count = known.counts[number]
                if number != own and words >= count.keys() and _contains(text, count):
                    yield prompt, number


def _contains(text: Words, count: Counter[int]) -> bool:
    return all(times == 1 or text.count(word) >= times for word, times in count.items())


def _fits(places: Sequence[int], length: int, pattern: Pattern) -> bool:
    """Whether every column is there, and words between them only at slots."""
    before = -1
    for place, slot in zip((*places, length), pattern.slots, strict=True):
        if place < 0 or (place > before + 1 and not slot):
            return False
        before = place
    return True


def _homes(
    known: _Known,
    own: int,
    fits: dict[int, list[Fit]],
    gone: set[int],
    separators: NDArray[np.uint8],
) -> dict[int, Fit]:
    """Where each row of a table may go as an instance; the template with most words is best."""
    table = known.tables[own]
    used = gaps(table).used
    homes: dict[int, Fit] = {}
    for row, prompt in enumerate(table.rows):
        ranked = sorted(fits.get(prompt, ()), key=lambda one: (-one[0], one[1]))
        open_ones = [fit for fit in ranked if fit[1] not in gone]
        for fit in open_ones:
            if _is_instance(known, (own, fit[1]), row, fit[2], used, separators):
                homes[prompt] = fit
                break
    return homes


def _is_instance(
    known: _Known,
    both: tuple[int, int],
    row: int,
    places: Sequence[int],
    used: NDArray[np.float64],
    separators: NDArray[np.uint8],
) -> bool:
    """Whether what a row's table says more than the other one is part of values.

    Fixed throughout (a value that comes again and again), few words, or phrases known elsewhere.
    """
    table, other = (known.tables[number] for number in both)
    more = _more(table.places[row], places)
    larger = len(other.rows) >= len(table.rows)
    together = len(set(np.searchsorted(places, table.places[row, more]).tolist())) <= 1
    if not more or (together and bool((used[more[0] : more[-1] + 2] < OPTIONAL).all())):
        return larger or len(more) >= PASSAGE
    if not larger or _marked(table, more, separators):
        return False
    return len(more) <= OPENING or _of_values(known, both, row, more)


def _more(own: Numbers, places: Sequence[int]) -> list[int]:
    """Columns of a row that another template lacks."""
    shared = set(places)
    return [c for c, place in enumerate(own.tolist()) if place >= 0 and place not in shared]


def _of_values(known: _Known, both: tuple[int, int], row: int, more: Sequence[int]) -> bool:
    """Whether the phrases of a row's further columns stand in other templates' prompts too."""
    table, windows = known.tables[both[0]], known.phrases.windows
    places = table.places[row, list(more)] + int(table.corpus.starts[table.rows[row]])
    first = places[: max(0, len(places) - windows.order + 1)]
    whole = places[windows.order - 1 :] - first == windows.order - 1
    phrases = windows.number[first[whole]].tolist()
    return bool(phrases) and all(known.phrases.outside(one, both) for one in phrases)


def _marked(table: Table, columns: Sequence[int], separators: NDArray[np.uint8]) -> bool:
    """Whether a mark or a line break parts those words from what follows."""
    starts = table.corpus.starts[table.rows]
    for column in columns:
        places = table.places[:, column]
        behind = separators[(starts + places)[places >= 0] + 1]
        if np.mean((behind & (LINE | STRONG)) > 0) >= MARKED:
            return True
    return False
