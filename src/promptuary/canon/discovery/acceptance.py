"""Which groups are templates, and which prompts really belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import scores
from promptuary.canon.discovery.evidence import probability, shipped_acceptance
from promptuary.canon.discovery.grouping import ALONE, COSTS, TEMPLATE, Groups
from promptuary.canon.discovery.portrait import Surroundings, portrait
from promptuary.canon.discovery.tables import Table, gaps
from promptuary.canon.discovery.weighing import Weighed

TYPICAL = 0.55  # of the median score of its group: what a member reaches
LOSS = 0.45  # of its best score: what a member may lose, beside a template's cost
CLOSE = 0.6  # of its best score: enough for a prompt much shorter than its group's
PRESENT = 0.6  # of the columns
ALWAYS = 0.9  # of the members fill a slot that every member must fill
SURE = 0.3  # probability from which a table counts as a template
SURER = 0.5  # and one with little fixed and no marks beside its longest slot
SUREST = 0.9  # and such a one of few words
FEW = 5  # words
STATIC = 0.33  # of the words are fixed
MARKED = 0.36  # of the boundaries of the longest slot carry a mark or a line break
SEEN = 0.75  # of the members carry values that stand elsewhere too


def member_scores(weighed: Sequence[Weighed], groups: Groups) -> list[list[float]]:
    """Score of every member under the pattern of its group."""
    pairs = [(d, k) for k, members in enumerate(groups.members) for d in members]
    found = scores([one.sequel for one in weighed], groups.patterns, pairs, COSTS)
    values = iter(found.tolist())
    return [[next(values) for _ in members] for members in groups.members]


def keep_members(
    table: Table, score: Sequence[float], weighed: Sequence[Weighed], minimum: int
) -> bool:
    """Drop the rows that do not belong; tell whether enough different prompts are left."""
    typical = float(np.median(score))
    if typical < ALONE:
        return False
    table.keep(_members(table, score, typical, weighed))
    return len({table.corpus.sequences[prompt] for prompt in table.rows}) >= minimum


def are_templates(
    tables: Sequence[Table], groups: Sequence[Sequence[int]], around: Surroundings
) -> list[bool]:
    """Which tables are templates, and not unrelated prompts that begin or end alike.

    `groups` are the prompts from which the rows of each table were chosen.
    """
    if not tables:
        return []
    portraits = [portrait(t, group, around) for t, group in zip(tables, groups, strict=True)]
    features = {
        name: np.array([one[name] for one in portraits], dtype=np.float32) for name in portraits[0]
    }
    found = probability(shipped_acceptance(), features)
    return [bool(p >= _needed(one)) for p, one in zip(found, portraits, strict=True)]


def _needed(one: Mapping[str, float]) -> float:
    """How sure the model must be: surer where unrelated prompts that begin alike look so too.

    Behind a few words any prose may have a comma or a stop: then only other marks count.
    """
    kind = "strong" if one["columns"] < FEW else "mark"
    unmarked = max(one[f"left_{kind}"], one[f"right_{kind}"]) < MARKED
    if one["static"] >= STATIC or one["seen"] >= SEEN or not unmarked:
        return SURE
    return SURER if one["columns"] >= FEW else SUREST


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
