"""Columns of a table put right: weak ones dropped, words that every row shares found."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Words
from promptuary.canon.discovery.tables import OPTIONAL, Gaps, Table, gaps

SUPPORT = 0.75  # of the rows have a column's word
SAME = 0.6  # of the rows have the same words in a gap, which then is none
MOST = 0.5  # of the rows have words that all others lack


def drop_weak(table: Table) -> None:
    """Remove columns whose word too few rows have."""
    if len(table.rows) < 4:
        return
    weak = np.flatnonzero(_support(table) < SUPPORT).tolist()
    table.remove(weak if len(weak) < len(table.columns) else weak[1:])


def _support(table: Table) -> NDArray[np.float64]:
    starts = table.corpus.starts[table.rows][:, None]
    words = table.corpus.flat[starts + np.maximum(table.places, 0)]
    support: NDArray[np.float64] = np.mean((table.places >= 0) & (words == table.columns), axis=0)
    return support


def fill_holes(table: Table) -> None:
    """Make words that stand in a gap of most rows columns of their own."""
    gap, between = 0, gaps(table)
    while gap <= len(table.columns):
        words = _shared(table, between, gap)
        if words:
            _insert(table, between, gap, words)
            between = gaps(table)
        gap += len(words) + 1


def _shared(table: Table, between: Gaps, gap: int) -> Words:
    """The words that most rows have in a gap; none where rows differ."""
    if between.used[gap] < SAME:
        return ()
    content = Counter(table.words(*place) for place in between.of(gap))
    words, count = content.most_common(1)[0] if content else ((), 0)
    return words if count >= max(3, SAME * len(table.rows)) else ()


def _insert(table: Table, between: Gaps, gap: int, words: Words) -> None:
    places = np.full((len(table.rows), len(words)), -1)
    for row, begin, end in between.of(gap):
        places[row] = _in_order(table.words(row, begin, end), words, begin)
    table.insert(gap, words, places)


def _in_order(text: Words, wanted: Words, begin: int) -> list[int]:
    """Where the wanted words stand in a text, each after the one before; -1 where not."""
    places, at = [], 0
    for word in wanted:
        found = text.index(word, at) if word in text[at:] else -1
        places.append(begin + found if found >= 0 else -1)
        at = found + 1 if found >= 0 else at
    return places


def settle_constants(table: Table) -> None:
    """Make words that most rows have in a gap, and all others lack, columns of their own.

    Where fewer rows have them they stay what they are: an extra of a few prompts, no slot.
    """
    between = gaps(table)
    for gap in range(len(table.columns), -1, -1):
        words = only_words(table, between, gap) if between.used[gap] >= MOST else ()
        if words:
            _insert(table, between, gap, words)


def only_words(table: Table, between: Gaps, gap: int) -> Words:
    """The words in a gap where rows have these or none; empty where it is a slot, or unused."""
    if not OPTIONAL <= between.used[gap] < 1 or {gap - 1, gap} & table.given.keys():
        return ()
    different = {table.words(*place) for place in between.of(gap)}
    return different.pop() if len(different) == 1 else ()
