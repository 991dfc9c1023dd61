"""Passages that prompts of different templates re-use: they look like templates, but are values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from promptuary.canon.discovery.alignment import matches
from promptuary.canon.discovery.grouping import COSTS, Standing
from promptuary.canon.discovery.weighing import Weighed

SHORTEST = 5  # words
TEMPLATES = 3  # different ones that the rest of the prompts belongs to
GAP = 2  # words inside a passage that need not look static
FITS = 8.0  # score of a template that a prompt may belong to
LEAVES = 0.85  # share of the best score that template and passage reach together
INTRUDERS = 0.6  # share of a template's size that such prompts are, at most

Found = tuple[int, int, int]  # prompt, first and last word of the passage among those weighed


def reused_passages(prompts: Sequence[Weighed], now: Standing) -> Mapping[int, set[int]]:
    """Places, by prompt, of the words of re-used passages.

    A run of likely static words is a value if its prompts fit several larger templates without it.
    """
    evidence: dict[tuple[int, ...], dict[int, set[Found]]] = defaultdict(lambda: defaultdict(set))
    pairs = list(_pairs(now))
    aligned = matches([one.sequel for one in prompts], now.patterns, pairs, COSTS)
    for (d, number), place in zip(pairs, aligned, strict=True):
        run = _unexplained(prompts[d], place)
        if run is None or not _explains_the_rest(prompts[d], now.options[d][number], *run):
            continue
        words = prompts[d].sequel.words[run[0] : run[1]].tolist()
        for at in range(len(words) - SHORTEST + 1):
            evidence[tuple(words[at : at + SHORTEST])][number].add((d, *run))
    return _places(prompts, now, evidence)


def _pairs(now: Standing) -> Iterator[tuple[int, int]]:
    for prompt, options in enumerate(now.options):
        for number, score in options.items():
            large = len(now.members[number]) >= TEMPLATES
            if now.home[prompt] >= 0 and number != now.home[prompt] and large and score >= FITS:
                yield prompt, number


def _unexplained(prompt: Weighed, place: Sequence[int]) -> tuple[int, int] | None:
    """The one run of likely static words that a template leaves over."""
    left = prompt.sequel.gains > 0
    left[[at for at in place if at >= 0]] = False
    at = np.flatnonzero(left)
    if len(at) < SHORTEST - GAP:
        return None
    where = prompt.places[at]
    breaks = np.flatnonzero(np.diff(where) > GAP + 1)
    firsts = np.concatenate(([0], breaks + 1))
    lasts = np.concatenate((breaks, [len(at) - 1]))
    long = np.flatnonzero(where[lasts] - where[firsts] + 1 >= SHORTEST)
    if len(long) != 1:
        return None
    return int(at[firsts[long[0]]]), int(at[lasts[long[0]]]) + 1


def _explains_the_rest(prompt: Weighed, score: float, first: int, end: int) -> bool:
    gains = prompt.sequel.gains[first:end]
    return bool(score + gains[gains > 0].sum() >= LEAVES * prompt.best)


def _places(
    prompts: Sequence[Weighed],
    now: Standing,
    evidence: Mapping[tuple[int, ...], Mapping[int, set[Found]]],
) -> Mapping[int, set[int]]:
    places: dict[int, set[int]] = defaultdict(set)
    for by_template in evidence.values():
        guests = {k: f for k, f in by_template.items() if _few(now, k, f)}
        if len(guests) >= TEMPLATES:
            for d, first, end in (one for found in guests.values() for one in found):
                places[d].update(prompts[d].places[first:end].tolist())
    return places


def _few(now: Standing, number: int, found: set[Found]) -> bool:
    guests = {d for d, _ in groupby(sorted(found), key=lambda one: one[0]) if now.home[d] != number}
    return len(guests) <= INTRUDERS * len(now.members[number])
