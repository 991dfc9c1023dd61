"""Intents: prompts that share no template but ask the same thing, found by meaning and words.

Each prompt is tied to its nearest; communities in that graph, split until they hold together, are
the intents. What has no near neighbours belongs to none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.families.centring import unit
from promptuary.canon.families.communities import Graph, communities
from promptuary.canon.families.neighbours import nearest
from promptuary.canon.tokens import tokenise

Floats = NDArray[np.float32]

WORDS = 0.4  # weight of the words' likeness beside that of the meaning
DIRECTIONS = 512  # that words are hashed to
NEIGHBOURS = 10  # of a prompt
REACH = 300  # prompts up to which a group without inner structure stays whole
NEAR = 0.38  # mean likeness of a prompt and so many nearest as a group needs besides it
FINEST = 1.0  # scale at which a group is split no further
COHESION = 0.3  # mean likeness in meaning of two prompts of a group
LEAST = 5  # prompts of a group


def intents(texts: Sequence[str], meaning: Floats) -> list[list[int]]:
    """Groups of text numbers, ascending, by their first; texts that ask what no other does are in
    none. `meaning` has a centred row a text. Deterministic.

    Time is quadratic with a small constant (one matrix product in blocks), memory linear.
    """
    rows = np.hstack([meaning, np.sqrt(np.float32(WORDS)) * hashed_words(texts)])
    ties, similar = nearest(rows / np.sqrt(np.float32(1 + WORDS)), NEIGHBOURS)
    graph = _graph(ties, similar)
    scale = sum(sum(one.values()) for one in graph) / max(1, len(graph))
    if not scale:
        return []
    near = similar[:, : LEAST - 1].mean(axis=1) >= NEAR
    groups = [
        [at for at in part if near[at]]
        for group in _communities(graph, range(len(texts)), REACH * scale)
        for part in _split(graph, group, meaning, REACH * scale)
    ]
    kept = (one for one in groups if len(one) >= LEAST and cohesion(meaning[one]) >= COHESION)
    return sorted(kept)


def cohesion(meaning: Floats) -> float:
    """Mean likeness of two different rows; 1 for a single one."""
    count = len(meaning)
    if count < 2:
        return 1.0
    total = float(np.square(meaning.sum(axis=0, dtype=np.float64)).sum())
    return (total - float(np.square(meaning).sum())) / (count * (count - 1))


def hashed_words(texts: Sequence[str]) -> Floats:
    """Tf-idf vectors of words and word pairs, each hashed to a direction and a sign: a cosine of
    such rows estimates the cosine of the whole vectors (Weinberger et al. 2009)."""
    bags = [_words_and_pairs(text) for text in texts]
    spread = Counter(term for bag in bags for term in bag)
    place = {term: crc32(term.encode("utf-8", "surrogatepass")) for term in spread}
    rarity = {term: np.log((1 + len(bags)) / (1 + count)) + 1 for term, count in spread.items()}
    rows = np.zeros((len(bags), DIRECTIONS), dtype=np.float32)
    for row, bag in zip(rows, bags, strict=True):
        for term, count in bag.items():
            sign = 1 if place[term] & 1 else -1
            row[(place[term] >> 1) % DIRECTIONS] += sign * (1 + np.log(count)) * rarity[term]
    return unit(rows)


def _words_and_pairs(text: str) -> Counter[str]:
    words = tokenise(text).words
    pairs = (f"{one} {two}" for one, two in pairwise(words))
    return Counter([*words, *pairs])


def _graph(ties: NDArray[np.int64], similar: Floats) -> Graph:
    """A tie where either is among the other's nearest, as strong as their likeness squared."""
    graph: list[dict[int, float]] = [{} for _ in ties]
    for at, (others, values) in enumerate(zip(ties.tolist(), similar.tolist(), strict=True)):
        for other, value in zip(others, values, strict=True):
            if value > 0:
                graph[at][other] = graph[other][at] = value * value
    return graph


def _communities(graph: Graph, members: Sequence[int], scale: float) -> list[list[int]]:
    """Groups of `members` by the ties among them."""
    place = {at: number for number, at in enumerate(members)}
    inner = [{place[o]: tie for o, tie in graph[at].items() if o in place} for at in members]
    groups: dict[int, list[int]] = {}
    for at, label in zip(members, communities(inner, scale), strict=True):
        groups.setdefault(label, []).append(at)
    return list(groups.values())


def _split(graph: Graph, group: list[int], meaning: Floats, scale: float) -> list[list[int]]:
    """Finer communities, as long as a group does not hold together."""
    if scale < FINEST or cohesion(meaning[group]) >= COHESION or len(group) < 2 * LEAST:
        return [group]
    parts = _communities(graph, group, scale / 3)
    return [part for one in parts for part in _split(graph, one, meaning, scale / 3)]
