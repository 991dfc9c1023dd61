"""How alike two rankings are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

PERSISTENCE: Final = 0.9
"""Of rank-biased overlap: the first ten ranks then carry 86 % of the weight."""


def overlap(first: Sequence[str], second: Sequence[str], depth: int = 10) -> float:
    """Which share of the best `depth` both have; 1 for two empty rankings."""
    one, other = set(first[:depth]), set(second[:depth])
    most = max(len(one), len(other))
    return len(one & other) / most if most else 1.0


def rbo(first: Sequence[str], second: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Rank-biased overlap of two rankings without repetitions, extrapolated from what is seen
    (Webber, Moffat & Zobel 2010, equation 32 for rankings of even length; the shorter one is taken
    to disagree beyond its end). In [0, 1], 1 for equal ones."""
    depth = max(len(first), len(second))
    if depth == 0:
        return 1.0
    one, other = set[str](), set[str]()
    agreed, weighed = 0, 0.0
    for rank in range(1, depth + 1):
        for ranking, seen, theirs in ((first, one, other), (second, other, one)):
            if rank <= len(ranking) and ranking[rank - 1] not in seen:
                seen.add(ranking[rank - 1])
                agreed += ranking[rank - 1] in theirs
        weighed += agreed / rank * persistence**rank
    tail = agreed / depth * persistence**depth
    return min(tail + (1 - persistence) / persistence * weighed, 1.0)
