"""Polite words that only finished templates show: no part of the values that they stand beside.

Where a template starts or ends with fixed words, what stands outside them is a residual. What is
a residual of several templates is none of the value either where it stands beside a slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats
from promptuary.canon.discovery.corpus import Corpus, Words, kept_places, trim
from promptuary.canon.discovery.residuals import LONGEST
from promptuary.canon.discovery.tables import OPTIONAL, Table, gaps

TEMPLATES = 3  # different ones that a residual stands outside of
SHARE = 0.34  # of a template's prompts carry it, at most

LEADING, TRAILING = 0, 1
Edge = tuple[int, Words]  # row, and its words outside the first or the last column


def cut_affixes(
    corpus: Corpus, probability: Floats, tables: Sequence[Table]
) -> tuple[Corpus, Floats]:
    """Corpus and probabilities without such words; the tables are laid over that corpus."""
    cuts = np.zeros((len(corpus), 2), dtype=np.int64)
    for side in (LEADING, TRAILING):
        known = _affixes(tables, side)
        for prompt in _free(corpus, tables) if known else ():
            cuts[prompt, side] = _longest(corpus.sequences[prompt], known, side)
        for table in tables if known else ():
            _cut_values(table, known, side, cuts)
    cuts[cuts.sum(axis=1) >= corpus.lengths] = 0
    if not cuts.any():
        return corpus, probability
    trimmed = trim(corpus, [(a, b) for a, b in cuts.tolist()])
    for table in tables:
        lead = cuts[table.rows, LEADING][:, None]
        table.places = np.where(table.places >= 0, table.places - lead, -1)
        table.corpus = trimmed
    return trimmed, probability[kept_places(corpus, cuts)]


def _affixes(tables: Sequence[Table], side: int) -> set[Words]:
    """What stands outside the fixed words of several templates."""
    templates: dict[Words, int] = defaultdict(int)
    for table in tables:
        edges = list(_edges(table, side))
        if len(edges) < OPTIONAL * len(table.rows):
            for words in {words for _, words in edges if len(words) <= LONGEST}:
                templates[words] += 1
    return {words for words, count in templates.items() if count >= TEMPLATES}


def _edges(table: Table, side: int) -> Iterator[Edge]:
    between = gaps(table)
    for row, begin, end in between.of(0 if side == LEADING else len(table.columns)):
        yield row, table.words(row, begin, end)


def _cut_values(table: Table, known: set[Words], side: int, cuts: NDArray[np.int64]) -> None:
    """Cut affixes of the values at the edge of a template, where few of its prompts have one."""
    found = [(row, _longest(words, known, side)) for row, words in _edges(table, side)]
    cut = [(row, length) for row, length in found if length]
    if len(cut) <= SHARE * len(table.rows):
        for row, length in cut:
            cuts[table.rows[row], side] = length


def _free(corpus: Corpus, tables: Sequence[Table]) -> Iterator[int]:
    """Prompts in no table."""
    taken = {prompt for table in tables for prompt in table.rows}
    return (prompt for prompt in range(len(corpus)) if prompt not in taken)


def _longest(words: Words, known: set[Words], side: int) -> int:
    """Length of the longest affix that the words begin or end with, and more than consist of."""
    for length in range(min(LONGEST, len(words) - 1), 0, -1):
        if (words[:length] if side == LEADING else words[-length:]) in known:
            return length
    return 0
