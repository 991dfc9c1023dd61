"""How much of the evidence the found passages hold, and how much else, by characters.

After Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval" (2024), who count tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from promptuary.answering.evaluating.scoring import Figures, Gold

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Range:
    """Characters of a document, from `start` to `end`."""

    document: str
    start: int
    end: int


def score_ranges(gold: Sequence[Gold], found: Mapping[str, Sequence[Range]]) -> Figures:
    """Means over the questions that have evidence.

    `recall`: the share of the evidence that was found; `precision`: the share of what was found
    that is evidence; `IoU`: what is both over what is either; `complete`: questions with all of it.
    """
    rows = [
        _overlap(one, found.get(one.id, ())) for one in gold if one.spans and not one.unanswerable
    ]
    if not rows:
        return {"n": 0}
    both, wanted, given = ([row[at] for row in rows] for at in range(3))
    shares = list(zip(both, wanted, given, strict=True))
    return {
        "n": len(rows),
        "recall": fmean(b / w for b, w, _ in shares),
        "precision": fmean(b / g if g else 0.0 for b, _, g in shares),
        "IoU": fmean(b / (w + g - b) for b, w, g in shares),
        "complete": fmean(b == w for b, w, _ in shares),
    }


def _overlap(gold: Gold, found: Sequence[Range]) -> tuple[int, int, int]:
    """Characters in both, in the evidence, and in what was found; overlaps count once."""
    wanted = _merged(gold.spans)
    inside = _merged([(r.start, r.end) for r in found if r.document in gold.documents])
    outside = {r.document for r in found if r.document not in gold.documents}
    elsewhere = [
        span
        for name in outside
        for span in _merged([(r.start, r.end) for r in found if r.document == name])
    ]
    both = sum(max(0, min(b, d) - max(a, c)) for a, b in wanted for c, d in inside)
    return both, _length(wanted), _length(inside) + _length(elsewhere)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)
