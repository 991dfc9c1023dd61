"""A second chance for prompts that stand alone: the finished templates, matched strictly.

Prompts whose template leaves much of their likely template text over are looked at again too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats, Pattern, Sequel
from promptuary.canon.discovery.candidates import candidates
from promptuary.canon.discovery.corpus import Corpus, Words
from promptuary.canon.discovery.tables import Table, gaps, places_under, slot_pattern
from promptuary.canon.discovery.weighing import skips

FEWEST = 3  # columns that a prompt must match
SPARE = 0.12  # of the columns may be missing, or extra words stand outside the slots
FREE = 0.4  # columns that may be missing at any length
MISSPELT = 0.5  # of a missing column is what a misspelt word counts
ALWAYS = 0.9  # of the members fill a slot that every member must fill
LIKELY, LEFT_OVER = 0.5, 5  # probability of template text, and words of it beside the columns
BELIEVED = 2.0  # log odds that a template's word is template text


def take_in(corpus: Corpus, probability: Floats, tables: Sequence[Table]) -> list[Table]:
    """Add to each table the prompts in none that its template fits nearly word for word.

    What the statistics believed of such a prompt does not count any more. Gives back the tables
    that still have prompts: all of one may fit another better.
    """
    home = {prompt: k for k, table in enumerate(tables) for prompt in table.rows}
    matched = dict(chain.from_iterable(_unexplained(table, probability) for table in tables))
    alone = [d for d in range(len(corpus)) if d not in home or d in matched]
    if not alone or not tables:
        return list(tables)
    patterns = [slot_pattern(table) for table in tables]
    required = [(gaps(table).used >= ALWAYS).tolist() for table in tables]
    known = np.zeros(len(corpus.words), dtype=bool)
    known[[word for pattern in patterns for word in pattern.columns]] = True
    likely = candidates(
        [_believed(corpus, d, known) for d in alone], patterns, vocabulary=len(corpus.words)
    )
    counts = [Counter(pattern.columns) for pattern in patterns]
    pairs = [
        (d, k)
        for d, numbers in zip(alone, likely, strict=True)
        for k in numbers
        if k != home.get(d, -1) and _may_fit(counts[k], corpus.sequences[d])
    ]
    found = places_under(corpus, probability, patterns, pairs)
    best: dict[int, tuple[int, int, list[int]]] = {}
    for (d, k), places in zip(pairs, found, strict=True):
        count = len(places) - places.count(-1)
        if count > matched.get(d, 0) and _fits(
            corpus.sequences[d], places, patterns[k], required[k]
        ):
            best[d] = max(best.get(d, (0, 0, places)), (count, k, places), key=lambda o: o[:2])
    for number, table in enumerate(tables):
        if any(home.get(d) == number for d in best):
            table.keep([r for r, d in enumerate(table.rows) if d not in best])
    for d in sorted(best):
        _, k, places = best[d]
        tables[k].add(d, places)
    return [table for table in tables if table.rows]


def _unexplained(table: Table, probability: Floats) -> Iterator[tuple[int, int]]:
    """Prompts with much likely template text that is not their table's, and columns they have."""
    starts = table.corpus.starts
    for prompt, places in zip(table.rows, table.places, strict=True):
        here = places[places >= 0]
        sure = probability[starts[prompt] : starts[prompt + 1]] > LIKELY
        if np.count_nonzero(sure) - np.count_nonzero(sure[here]) >= LEFT_OVER:
            yield prompt, len(here)


def _believed(corpus: Corpus, prompt: int, known: NDArray[np.bool_]) -> Sequel:
    words = corpus.numbers(prompt)
    kept = np.flatnonzero(known[words])
    gains = np.full(len(kept), BELIEVED, dtype=np.float32)
    return Sequel(words[kept], gains, skips(kept, len(words)))


def _may_fit(columns: Mapping[int, int], text: Words) -> bool:
    """Whether the prompt has enough of the columns' words, were the others all misspelt."""
    present = sum([min(count, text.count(word)) for word, count in columns.items() if word in text])
    total = sum(columns.values())
    return MISSPELT * (total - present) <= SPARE * total + FREE


def _fits(text: Words, places: Sequence[int], pattern: Pattern, required: Sequence[bool]) -> bool:
    reached, missing, misspelt, extra = 0, 0, 0, 0
    for column, place in enumerate((*places, len(text))):
        words = max(0, place - reached)
        if required[column] and not words:
            return False
        extra += 0 if pattern.slots[column] else words
        if place < 0:
            missing += 1
        elif column < len(places):
            misspelt += text[place] != pattern.columns[column]
        reached = max(reached, place + 1)
    count = len(places)
    enough = count - missing >= FEWEST
    return enough and missing + extra + MISSPELT * misspelt <= SPARE * count + FREE
