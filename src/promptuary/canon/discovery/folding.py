"""Templates that are others with a value where those have a slot.

A value that several prompts share (a document asked about again and again, a name) looks like
fixed text and makes a template of its own. In a description by a dictionary of values it is one
more entry, which costs less than the fixed words of a second template.
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
from promptuary.canon.discovery.tables import OPTIONAL, Table, gaps, places_under, slot_pattern

FEWEST = 3  # columns of a template that others may be instances of
FITTING = 0.8  # of an instance's rows are explained by others without a departure
PASSAGE = 5  # words of a value that makes an instance of a smaller template too
OPENING = 2  # words that values may happen to share beside a part that varies
MARKED = 0.5  # of the rows have a mark beside such words, which then are template text

Fit = tuple[int, int, list[int]]  # columns, number of the table, places of the columns


@dataclass(frozen=True, slots=True)
class _Known:
    """The tables, their patterns, and which of them to look up for a word."""

    tables: Sequence[Table]
    patterns: Sequence[Pattern]
    counts: Sequence[Counter[int]]
    keys: dict[int, list[int]]


def fold(
    corpus: Corpus, probability: Floats, tables: Sequence[Table], separators: NDArray[np.uint8]
) -> list[Table]:
    """The tables, with the rows of mere instances added to the templates they are instances of."""
    known = _known(tables)
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


def _known(tables: Sequence[Table]) -> _Known:
    patterns = [slot_pattern(table) for table in tables]
    counts = [Counter(pattern.columns) for pattern in patterns]
    having = Counter(word for count in counts for word in count)
    keys: dict[int, list[int]] = defaultdict(list)
    for number, count in enumerate(counts):
        if sum(count.values()) >= FEWEST:
            keys[min(count, key=lambda word: (having[word], word))].append(number)
    return _Known(tables, patterns, counts, keys)


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
        for fit in sorted(fits.get(prompt, ()), key=lambda one: (-one[0], one[1])):
            larger = len(known.tables[fit[1]].rows) >= len(table.rows)
            more = _more(table.places[row], fit[2])
            if fit[1] in gone or more is None:
                continue
            constant = not more or bool((used[more[0] : more[-1] + 2] < OPTIONAL).all())
            short = len(more) <= OPENING and not _marked(table, more, separators)
            if (constant and (larger or len(more) >= PASSAGE)) or (short and larger):
                homes[prompt] = fit
                break
    return homes


def _more(own: Numbers, places: Sequence[int]) -> list[int] | None:
    """Columns of a row that another template lacks; None unless all lie in one gap of that."""
    shared = set(places)
    more = [c for c, place in enumerate(own.tolist()) if place >= 0 and place not in shared]
    if more and len(set(np.searchsorted(places, own[more]).tolist())) > 1:
        return None
    return more


def _marked(table: Table, columns: Sequence[int], separators: NDArray[np.uint8]) -> bool:
    """Whether a mark or a line break parts those words from what follows."""
    starts = table.corpus.starts[table.rows]
    for column in columns:
        places = table.places[:, column]
        behind = separators[(starts + places)[places >= 0] + 1]
        if np.mean((behind & (LINE | STRONG)) > 0) >= MARKED:
            return True
    return False
