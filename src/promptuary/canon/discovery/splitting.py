"""Slots that stand side by side, told apart by line breaks or quotes between their values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from promptuary.canon.discovery.blocks import code_blocks
from promptuary.canon.discovery.corpus import Span

AGREE = 0.6  # of the different values have the same number of breaks
MOST = {"line": 3, "quote": 1}
# a line break before a bullet is none: a list is one value
_BREAKS = {"line": re.compile(r"[ \t]*\n\s*(?![-*•\s])"), "quote": re.compile(r"[ ](?=[\"“„«])")}

Values = Sequence[str | None]
Parts = list[list[str] | None]


def split_adjacent(values: Values) -> Parts:
    """Every value in parts, where nearly all have the same number of breaks; else in one part."""
    for kind, pattern in _BREAKS.items():
        count = _usual(pattern, values)
        if 1 <= count <= MOST[kind]:
            return [None if v is None else _parts(pattern, v, count) for v in values]
    return [None if value is None else [value] for value in values]


def _usual(pattern: re.Pattern[str], values: Values) -> int:
    """Number of breaks that the values agree on; 0 where they do not."""
    different = {"".join(v.casefold().split()): v for v in values if v is not None}
    if len(different) < 3:
        return 0
    counts = Counter(len(_breaks(pattern, value)) for value in different.values())
    usual, times = max(counts.items(), key=lambda item: (item[1], -item[0]))
    return usual if times >= AGREE * len(different) else 0


def _parts(pattern: re.Pattern[str], value: str, count: int) -> list[str]:
    breaks = _breaks(pattern, value)[:count]
    edges = [0, *(edge for span in breaks for edge in span), len(value)]
    return [value[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _breaks(pattern: re.Pattern[str], value: str) -> list[Span]:
    """Where a value breaks; a block of code does not."""
    found = [match.span() for match in pattern.finditer(value)]
    code = [(lines[0][0], lines[-1][1]) for lines in code_blocks(value)] if found else []
    return [(a, b) for a, b in found if not any(start <= a and b < end for start, end in code)]
