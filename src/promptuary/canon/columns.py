"""Columns of a table put right: weak ones dropped, words that every row shares found."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.alignment import Numbers
from promptuary.canon.tables import Table, Words, gaps

SUPPORT = 0.75  # of the rows have a column's word
SAME = 0.6  # of the rows have the same words in a gap, which then is none


def drop_weak(table: Table) -> None:
    """Remove columns whose word too few rows have."""
    if len(table.rows) < 4:
        return
    support = _support(table)
    for column in range(len(table.columns) - 1, -1, -1):
        if support[column] < SUPPORT and len(table.columns) > 1:
            table.remove(column)


def _support(table: Table) -> NDArray[np.float64]:
    starts = table.corpus.starts[table.rows][:, None]
    words = table.corpus.flat[starts + np.maximum(table.places, 0)]
    support: NDArray[np.float64] = np.mean((table.places >= 0) & (words == table.columns), axis=0)
    return support


def fill_holes(table: Table) -> None:
    """Make words that stand in a gap of most rows columns of their own."""
    gap = 0
    while gap <= len(table.columns):
        content = _contents(table, gap)
        words, count = Counter(content).most_common(1)[0] if content else ((), 0)
        if words and count >= max(3, SAME * len(table.rows)):
            _insert(table, gap, words)
            gap += len(words)
        gap += 1


def _contents(table: Table, gap: int) -> list[Words]:
    between = gaps(table)
    if between.used[gap] < SAME:
        return []
    return [table.words(row, begin, end) for row, begin, end in between.of(gap)]


def _insert(table: Table, gap: int, words: Words) -> None:
    between = gaps(table)
    places = np.full((len(table.rows), len(words)), -1)
    for row, begin, end in between.of(gap):
        places[row] = _in_order(table.words(row, begin, end), words, begin)
    for offset, word in enumerate(words):
        table.insert(gap + offset, word, places[:, offset])


def _in_order(text: Words, wanted: Words, begin: int) -> Numbers:
    """Where the wanted words stand in a text, each after the one before; -1 where not."""
    places, at = [], 0
    for word in wanted:
        found = text.index(word, at) if word in text[at:] else -1
        places.append(begin + found if found >= 0 else -1)
        at = found + 1 if found >= 0 else at
    return np.array(places)
