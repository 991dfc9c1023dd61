"""Communities of a graph: groups with many more ties inside than chance would give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

Graph = Sequence[Mapping[int, float]]
"""For each node its neighbours and the weight of the tie, the same in both directions."""

SWEEPS = 20


def communities(graph: Graph, scale: float) -> list[int]:
    """The community of each node, numbered from 0 in order of their first node.

    Maximises the sum over pairs in one community of `tie - degree * degree / scale`, by moving
    nodes and then whole communities (Blondel et al. 2008). With a fixed `scale` that is the
    constant Potts model of Traag et al. (2011) with weighted nodes: what belongs together does
    not depend on how much else is in the graph. Deterministic.
    """
    label = list(range(len(graph)))
    degrees = [sum(ties.values()) for ties in graph]
    while True:
        moved = _move(graph, degrees, scale)
        count = max(moved, default=-1) + 1
        label = [moved[at] for at in label]
        if count == len(graph):
            return label
        graph, degrees = _joined(graph, degrees, moved, count)


def _move(graph: Graph, degrees: Sequence[float], scale: float) -> list[int]:
    home = list(range(len(graph)))
    weight = list(degrees)
    for _ in range(SWEEPS):
        moves = 0
        for node, ties in enumerate(graph):
            near: dict[int, float] = defaultdict(float)
            for other, tie in ties.items():
                if other != node:
                    near[home[other]] += tie
            own, mine = home[node], degrees[node] / scale
            weight[own] -= degrees[node]
            best, gain = own, near.get(own, 0.0) - weight[own] * mine
            for community, tie in near.items():
                worth = tie - weight[community] * mine
                if worth > gain + 1e-9:
                    best, gain = community, worth
            weight[best] += degrees[node]
            home[node] = best
            moves += best != own
        if not moves:
            break
    numbers: dict[int, int] = {}
    return [numbers.setdefault(community, len(numbers)) for community in home]


def _joined(
    graph: Graph, degrees: Sequence[float], home: Sequence[int], count: int
) -> tuple[Graph, list[float]]:
    ties: list[dict[int, float]] = [defaultdict(float) for _ in range(count)]
    weight = [0.0] * count
    for node, others in enumerate(graph):
        weight[home[node]] += degrees[node]
        for other, tie in others.items():
            ties[home[node]][home[other]] += tie
    return ties, weight
