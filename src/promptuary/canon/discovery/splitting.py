"""Slots that stand side by side, told apart by line breaks or quotes between their values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

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
    counts = Counter(len(pattern.findall(value)) for value in different.values())
    usual, times = max(counts.items(), key=lambda item: (item[1], -item[0]))
    return usual if times >= AGREE * len(different) else 0


def _parts(pattern: re.Pattern[str], value: str, count: int) -> list[str]:
    return pattern.split(value, maxsplit=count)
