"""How good a run is: nDCG, recall, reciprocal rank, hits. Pure.

As `trec_eval` has them: the gain is the grade, equal scores are ordered by falling document id, and
a query without results counts 0. Queries that nobody judged are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean

from promptuary.retrieval.evaluating.collections import Qrels, Run

CUT = 10
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over `n` queries.

    `ndcg10` is the normalised discounted cumulative gain of the first 10 (Jarvelin and Kekalainen
    2002), `recall5` and `recall100` the share of the relevant documents among so many, `mrr` the
    reciprocal rank of the first relevant one of 100, `hit1` and `hit5` if one is among so many.
    """

    ndcg10: float
    recall5: float
    recall100: float
    mrr: float
    hit1: float
    hit5: float
    n: int


def score(qrels: Qrels, run: Run) -> Figures | None:
    """The figures over every judged query; None if there is none."""
    each = [_query(grades, run.get(query, {})) for query, grades in qrels.items()]
    if not each:
        return None
    means = [fmean(column) for column in zip(*each, strict=True)]
    ndcg10, recall5, recall100, mrr, hit1, hit5 = means
    return Figures(ndcg10, recall5, recall100, mrr, hit1, hit5, len(each))


def score_groups(qrels: Qrels, run: Run, groups: Mapping[str, str]) -> dict[str, Figures]:
    """The same for each group of queries, by name; queries without a group are left out."""
    found = {}
    for group in sorted(set(groups.values()) - {""}):
        mine = {query: grades for query, grades in qrels.items() if groups.get(query) == group}
        if figures := score(mine, run):
            found[group] = figures
    return found


def _query(
    grades: Mapping[str, int], scores: Mapping[str, float]
) -> tuple[float, float, float, float, float, float]:
    ranked = sorted(scores, key=lambda key: (scores[key], key), reverse=True)
    relevant = {key for key, grade in grades.items() if grade > 0}
    ideal = _gain(sorted(grades.values(), reverse=True)[:CUT])
    ranks = [at for at, key in enumerate(ranked[:DEEPEST], start=1) if key in relevant]
    first = ranks[0] if ranks else None
    return (
        _gain([grades.get(key, 0) for key in ranked[:CUT]]) / ideal if ideal else 0.0,
        sum(at <= 5 for at in ranks) / max(1, len(relevant)),
        len(ranks) / max(1, len(relevant)),
        1 / first if first else 0.0,
        float(first == 1),
        float(first is not None and first <= 5),
    )


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(at + 2) for at, grade in enumerate(grades))
