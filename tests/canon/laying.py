"""Tables laid by hand for the tests of discovery's later steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.tables import Table


def tables_of(templates: Mapping[str, Sequence[str]]) -> tuple[Corpus, list[Table]]:
    """One corpus, and a table for each line of fixed words with the texts under it.

    A fixed word stands at its first occurrence behind the one before; texts under "" are in none.
    """
    corpus = lay_out([text for texts in templates.values() for text in texts])
    tables, first = [], 0
    for fixed, texts in templates.items():
        rows = list(range(first, first + len(texts)))
        first += len(texts)
        if fixed:
            columns = [corpus.words.index(word) for word in fixed.split()]
            places = np.array([_places(corpus.sequences[row], columns) for row in rows])
            tables.append(Table(corpus, rows, columns, places))
    return corpus, tables


def _places(words: Sequence[int], columns: Sequence[int]) -> list[int]:
    places, at = [], 0
    for column in columns:
        found = words.index(column, at) if column in words[at:] else -1
        places.append(found)
        at = max(at, found + 1)
    return places
