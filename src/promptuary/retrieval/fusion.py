"""One ranking out of several. Pure.

Reciprocal rank fusion (Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet
and individual Rank Learning Methods", SIGIR 2009): BM25 has no upper bound and a cosine of averaged
word vectors is seldom below 0.3, so their scores say nothing about each other, while ranks do, on
every index and in every language, with nothing to tune.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptuary.domain.found import Hit

K = 60
"""The paper's constant: how much less the first ranks differ than their reciprocals do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one ranker said of an entry: its rank (from 1) and its own score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Fused:
    """An entry's fused score in (0, 1] (1: first with every ranker), and what each ranker said."""

    id: str
    score: float
    standings: Mapping[str, Standing]


def fuse(
    rankings: Mapping[str, Sequence[Hit]], *, weights: Mapping[str, float] | None = None
) -> list[Fused]:
    """Every entry that a ranker found, best first, ties by id.

    `rankings` holds each ranker's hits, best first. `weights` says how much a ranker counts (1
    where not named). Entries to which one ranker gave one score share the best of their ranks, so
    that an engine's arbitrary order among equals changes nothing.
    """
    weigh = {name: (weights or {}).get(name, 1.0) for name in rankings}
    best = sum(weigh.values()) / (K + 1)
    standings: dict[str, dict[str, Standing]] = {}
    for name, hits in rankings.items():
        rank, last = 0, None
        for position, hit in enumerate(hits, start=1):
            rank, last = (rank, last) if hit.score == last else (position, hit.score)
            standings.setdefault(hit.id, {})[name] = Standing(rank, hit.score)
    scores = dict.fromkeys(standings, 0.0)
    for key, said in standings.items():
        for name, standing in said.items():
            scores[key] += weigh[name] / (K + standing.rank)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return [Fused(key, scores[key] / best, standings[key]) for key in order]
