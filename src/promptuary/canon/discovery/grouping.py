"""Prompts into groups of one template: seeds, then hard expectation maximisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

import numpy as np

from promptuary.canon.discovery.alignment import Costs, Pattern, scores
from promptuary.canon.discovery.candidates import candidates
from promptuary.canon.discovery.consensus import consensus, shared_signature
from promptuary.canon.discovery.weighing import Weighed

COSTS = Costs()
ROUNDS = 4
ALONE = 3.5  # score under which a prompt is explained by nothing
TEMPLATE = 8.0  # what a template costs, in log odds
COLUMN = 0.6  # and each of its columns
POPULAR = 0.5  # worth of twice the members
SMALL = 5  # members of a group that may be a mere extension of another
REFERENCES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What later rounds need not work out again."""

    scores: dict[Pattern, dict[int, float]] = field(default_factory=dict)  # by prompt
    agreed: dict[tuple[Pattern, tuple[int, ...]], Pattern] = field(default_factory=dict)

    def forget(self, prompts: Iterable[int]) -> None:
        """These prompts are weighed anew."""
        for row in self.scores.values():
            for prompt in prompts:
                row.pop(prompt, None)


@dataclass(frozen=True, slots=True)
class Groups:
    """Patterns and the prompts that belong to each; prompts in none stand alone."""

    patterns: tuple[Pattern, ...]
    members: tuple[tuple[int, ...], ...]


@dataclass(slots=True)  # changes: prompts move from group to group
class Standing:
    """One round's open question: who belongs where. Prompts and patterns by number."""

    patterns: list[Pattern]
    members: list[dict[int, None]]  # ordered sets
    home: list[int]  # pattern of each prompt, or -1
    options: list[dict[int, float]]  # score of each candidate pattern, by prompt
    best: list[float]  # score of a perfect pattern, by prompt
    closed: set[int] = field(default_factory=set)

    def move(self, prompt: int, target: int) -> None:
        """Put a prompt into another group (-1: none)."""
        if self.home[prompt] >= 0:
            del self.members[self.home[prompt]][prompt]
        if target >= 0:
            self.members[target][prompt] = None
        self.home[prompt] = target


def seeds(prompts: Sequence[Weighed]) -> Groups:
    """Groups of prompts whose likely template text is the same sequence of words."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, prompt in enumerate(prompts):
        if prompt.signature:
            groups[prompt.signature].append(number)
    patterns = [shared_signature([prompts[k] for k in group]) for group in groups.values()]
    return Groups(tuple(patterns), tuple(tuple(group) for group in groups.values()))


def standing(
    prompts: Sequence[Weighed],
    groups: Groups,
    vocabulary: int,
    known: Known,
) -> Standing:
    """The groups with every prompt's score under the patterns that may explain it."""
    home = [-1] * len(prompts)
    for number, members in enumerate(groups.members):
        for prompt in members:
            home[prompt] = number
    likely = candidates([one.sequel for one in prompts], groups.patterns, vocabulary=vocabulary)
    chosen = [_with(own, numbers) for own, numbers in zip(home, likely, strict=True)]
    options = score_options(prompts, groups.patterns, chosen, known)
    lists = [dict.fromkeys(group) for group in groups.members]
    return Standing(list(groups.patterns), lists, home, options, [p.best for p in prompts])


def _with(own: int, numbers: list[int]) -> list[int]:
    return numbers if own < 0 or own in numbers else sorted([*numbers, own])


def score_options(
    prompts: Sequence[Weighed],
    patterns: Sequence[Pattern],
    chosen: Sequence[Iterable[int]],
    known: Known,
) -> list[dict[int, float]]:
    """Score of every prompt under its chosen patterns; `known` keeps scores between rounds."""
    rows = [known.scores.setdefault(pattern, {}) for pattern in patterns]
    fresh = [(d, k) for d, numbers in enumerate(chosen) for k in numbers if d not in rows[k]]
    values = scores([one.sequel for one in prompts], patterns, fresh, COSTS)
    for (d, k), value in zip(fresh, values.tolist(), strict=True):
        rows[k][d] = value
    return [{k: rows[k][d] for k in numbers} for d, numbers in enumerate(chosen)]


def dissolve(now: Standing) -> None:
    """Close the patterns that do not pay: others explain their members nearly as well.

    Smallest first. A pattern costs `TEMPLATE + COLUMN * columns`, as in a two-part description
    length (Rissanen 1978); what its members lose elsewhere is measured in log odds.
    """
    size = [len(members) for members in now.members]
    for number in sorted(range(len(size)), key=lambda k: (size[k], len(now.patterns[k].columns))):
        if not now.members[number]:
            continue
        moves = _moves(now, number, size[number])
        if moves is not None:
            for prompt, target in moves:
                now.move(prompt, target)
            now.closed.add(number)


def _moves(now: Standing, number: int, size: int) -> list[tuple[int, int]] | None:
    budget = TEMPLATE + COLUMN * len(now.patterns[number].columns)
    moves = []
    for prompt in now.members[number]:
        options = now.options[prompt]
        others = [
            (score + _popularity(len(now.members[k])), k)
            for k, score in options.items()
            if k != number and k not in now.closed and len(now.members[k]) >= size / 2
        ]
        if not others:
            return None
        score, target = max(others)
        budget -= options[number] - score
        if budget < 0:
            return None
        moves.append((prompt, target))
    return moves


@cache
def _popularity(size: int) -> float:
    return POPULAR * float(np.log2(1 + size))


def reassign(now: Standing) -> None:
    """Move every prompt to the pattern that explains it best; free it where none does."""
    for prompt, options in enumerate(now.options):
        target = _most_worth(now, now.home[prompt], options)
        if target is None:
            continue
        if len(now.members[target]) > 1 and options[target] < ALONE:
            target = -1
        if target != now.home[prompt]:
            now.move(prompt, target)


def _most_worth(now: Standing, home: int, options: Mapping[int, float]) -> int | None:
    best, most = None, float("-inf")
    for number, score in options.items():
        if number not in now.closed:
            size = len(now.members[number]) - (number == home)
            worth = score + (_popularity(size) if size else -TEMPLATE)
            if worth > most:
                best, most = number, worth
    return best


def join_extensions(now: Standing) -> None:
    """Give up small groups that only extend a template of twice the size."""
    for number, members in enumerate(now.members):
        if number not in now.closed and 1 <= len(members) <= SMALL:
            targets = {_larger(now, prompt, number, len(members)) for prompt in members}
            target = targets.pop()
            if not targets and target is not None:
                for prompt in list(members):
                    now.move(prompt, target)
                now.closed.add(number)


def _larger(now: Standing, prompt: int, own: int, size: int) -> int | None:
    fits = [
        (score, k)
        for k, score in now.options[prompt].items()
        if k != own and len(now.members[k]) >= max(5, 2 * size) and score >= TEMPLATE
    ]
    if not fits:
        return None
    score, number = max(fits)
    some = [now.options[member] for member in islice(now.members[number], 9)]
    typical = [options[number] for options in some if number in options]
    return number if typical and score >= 0.85 * float(np.median(typical)) else None


def estimate(prompts: Sequence[Weighed], now: Standing, known: Known) -> Groups:
    """Patterns anew from their members; groups whose patterns became equal are one."""
    merged: dict[tuple[int, ...], tuple[Pattern, list[int]]] = {}
    for number, members in enumerate(now.members):
        if members:
            pattern = _pattern(prompts, now, number, known)
            merged.setdefault(pattern.columns, (pattern, []))[1].extend(members)
    groups = list(merged.values())
    return Groups(tuple(p for p, _ in groups), tuple(tuple(sorted(m)) for _, m in groups))


def _pattern(prompts: Sequence[Weighed], now: Standing, number: int, known: Known) -> Pattern:
    before, members = now.patterns[number], tuple(sorted(now.members[number]))
    if len(members) < 2:
        return before
    if (before, members) not in known.agreed:
        ranked = sorted(members, key=lambda d: -now.options[d].get(number, -np.inf))
        references = ranked[: REFERENCES if len(ranked) > REFERENCES else 1]
        agreed = consensus([prompts[d] for d in members], [prompts[d] for d in references])
        known.agreed[before, members] = agreed or before
    return known.agreed[before, members]
