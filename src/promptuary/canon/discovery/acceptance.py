"""Which groups are templates, and which prompts really belong to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Numbers, scores
from promptuary.canon.discovery.context import LINE, MARK
from promptuary.canon.discovery.grouping import ALONE, COSTS, TEMPLATE, Groups
from promptuary.canon.discovery.ngrams import Windows
from promptuary.canon.discovery.tables import Gaps, Table, gaps
from promptuary.canon.discovery.weighing import Weighed

TYPICAL = 0.55  # of the median score of its group: what a member reaches
LOSS = 0.45  # of its best score: what a member may lose, beside a template's cost
CLOSE = 0.6  # of its best score: enough for a prompt much shorter than its group's
PRESENT = 0.6  # of the columns
ALWAYS = 0.9  # of the members fill a slot that every member must fill
MARKED = 0.36  # of slot boundaries carry a mark or a line break in a template
STATIC = 0.33  # of the words are fixed in a template
SEEN = 0.75  # of the members carry values that stand elsewhere too
MOSTLY = 0.5  # of a value's passages
PASSAGE = 5  # words


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What acceptance looks up: kinds of separators, and passages anywhere in the corpus."""

    separators: NDArray[np.uint8]
    passages: Windows


def member_scores(weighed: Sequence[Weighed], groups: Groups) -> list[list[float]]:
    """Score of every member under the pattern of its group."""
    pairs = [(d, k) for k, members in enumerate(groups.members) for d in members]
    found = scores([one.sequel for one in weighed], groups.patterns, pairs, COSTS)
    values = iter(found.tolist())
    return [[next(values) for _ in members] for members in groups.members]


def accept(
    table: Table,
    score: Sequence[float],
    weighed: Sequence[Weighed],
    around: Surroundings,
    minimum: int,
) -> bool:
    """Drop the rows that do not belong; tell whether the rest is a template."""
    typical = float(np.median(score))
    if typical < ALONE:
        return False
    everyone = list(table.rows)
    table.keep(_members(table, score, typical, weighed))
    if len({table.corpus.sequences[prompt] for prompt in table.rows}) < minimum:
        return False
    return not _mere_opening(table, everyone, around)


def _members(
    table: Table, score: Sequence[float], typical: float, weighed: Sequence[Weighed]
) -> list[int]:
    between = gaps(table)
    required = between.used >= ALWAYS
    present = (table.places >= 0).mean(axis=1)
    complete: NDArray[np.bool_] = np.all(between.filled | ~required, axis=1)
    kept = []
    for row, value in enumerate(score):
        best = weighed[table.rows[row]].best
        usual = value >= TYPICAL * typical and best - value <= LOSS * best + TEMPLATE
        close = value >= max(CLOSE * best, typical / 4, ALONE)
        if usual or (close and present[row] >= PRESENT and complete[row]):
            kept.append(row)
    return kept


def _mere_opening(table: Table, everyone: Sequence[int], around: Surroundings) -> bool:
    """Unrelated prompts that begin alike: no marks at slots, little fixed, values of their own."""
    between = gaps(table)
    share = 1 - (between.end - between.begin).sum(axis=1) / np.maximum(1, table.lengths())
    if share.mean() >= STATIC:
        return False
    if any(_marked(kinds) for kinds in _boundaries(table, between, around)):
        return False
    return _seen_elsewhere(table, between, everyone, around.passages) < SEEN


def _marked(kinds: NDArray[np.uint8]) -> bool:
    return len(kinds) > 0 and float(np.mean((kinds & (LINE | MARK)) > 0)) >= MARKED


def _boundaries(
    table: Table, between: Gaps, around: Surroundings
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Kinds of the separators on either side of the values in the longest slot."""
    gap = int((between.end - between.begin).sum(axis=0).argmax())
    begin, end = between.begin[:, gap], between.end[:, gap]
    filled = end > begin
    starts = table.corpus.starts[table.rows]
    left = (begin + starts)[filled & (begin > 0)]
    right = (end + starts)[filled & (end < table.lengths())]
    return around.separators[left], around.separators[right]


def _seen_elsewhere(
    table: Table, between: Gaps, everyone: Sequence[int], passages: Windows
) -> float:
    """Share of rows whose values' passages mostly stand in prompts outside the group too."""
    starts = table.corpus.starts
    each = [np.unique(passages.number[starts[d] : starts[d + 1]]) for d in everyone]
    inside = Counter(np.concatenate(each).tolist())
    rows = [_passages(table, between, row, passages) for row in range(len(table.rows))]
    seen = [[passages.prompts[n] > inside[n] for n in numbers.tolist()] for numbers in rows]
    return float(np.mean([sum(one) >= MOSTLY * max(1, len(one)) for one in seen]))


def _passages(table: Table, between: Gaps, row: int, passages: Windows) -> Numbers:
    start = int(table.corpus.starts[table.rows[row]])
    spans = zip(between.begin[row].tolist(), between.end[row].tolist(), strict=True)
    parts = [np.arange(start + a, start + b - PASSAGE + 1) for a, b in spans if b - a >= PASSAGE]
    return passages.number[np.concatenate(parts)] if parts else np.zeros(0, dtype=np.int64)
