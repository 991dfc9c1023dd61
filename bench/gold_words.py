"""Which words of a labelled prompt are template text: the labels of bench/canon per word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import islice, pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Corpus

SLOT = re.compile(r"\{([A-Za-z_][\w.\-]*)\}")
Row = Mapping[str, Any]


def labels(corpus: Corpus, rows: Sequence[Row]) -> NDArray[np.int8]:
    """1 template text, 0 value, -1 not known (one-offs, values that cannot be located)."""
    known = np.full(len(corpus.flat), -1, dtype=np.int8)
    for number, row in enumerate(rows):
        spans = None if row["kind"] == "singleton" else locate(row)
        if spans is not None:
            begin, end = corpus.starts[number : number + 2]
            known[begin:end] = [_outside(word, spans) for word in corpus.spans[number]]
    return known


def locate(row: Row) -> list[tuple[int, int]] | None:
    """Character spans of the values in the text, in order; None where they cannot be placed."""
    names = [name for name in dict.fromkeys(SLOT.findall(row["template"])) if name in row["slots"]]
    values = [row["slots"][name] for name in names]
    places = [list(islice(_occurrences(row["text"], value), 6)) for value in values]
    if not all(places):
        return None
    shape = SLOT.sub("\x00", row["template"]).casefold()
    chosen = [_spans(c, values) for c in islice(product(*places), 64)]
    valid = [spans for spans in chosen if _ordered(spans)]
    return max(valid, key=lambda spans: _likeness(row["text"], spans, shape), default=None)


def _occurrences(text: str, value: str) -> Iterator[int]:
    at = text.find(value) if value else -1
    while at >= 0:
        yield at
        at = text.find(value, at + 1)


def _spans(starts: Sequence[int], values: Sequence[str]) -> list[tuple[int, int]]:
    return [(start, start + len(value)) for start, value in zip(starts, values, strict=True)]


def _ordered(spans: Sequence[tuple[int, int]]) -> bool:
    return all(a[1] <= b[0] for a, b in pairwise(spans))


def _likeness(text: str, spans: Sequence[tuple[int, int]], shape: str) -> float:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    pieces = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    emptied = "\x00".join(pieces).casefold()
    return SequenceMatcher(None, emptied, shape, autojunk=False).ratio()


def _outside(word: tuple[int, int], spans: Sequence[tuple[int, int]]) -> int:
    return int(not any(word[0] < end and word[1] > start for start, end in spans))
