"""What people's corrections ask of the engine, in the terms of the lineages that live now."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from promptuary.domain.corrections import Correction
from promptuary.ports.unit_of_work import Transaction

Pair = tuple[str, str]
NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which two lineages or intents (in order of their ids) are of one family, or are not; what
    lineages are called; whose text stays."""

    pairs: Mapping[Pair, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    placed: Mapping[str, str] = field(default_factory=dict)
    """Prompts and the lineage that people put each under."""
    joined: Mapping[str, str] = field(default_factory=dict)
    """Lineages that people joined to others, and the living one that has their prompts."""

    @property
    def settled(self) -> frozenset[str]:
        """The lineages that are not mined again: people had a say in their text or prompts."""
        return self.locked | frozenset(self.placed.values()) | frozenset(self.joined.values())

    @property
    def bound(self) -> frozenset[str]:
        """The lineages and intents whose family people have a say in."""
        return frozenset(key for pair in self.pairs for key in pair)


def ruling(standing: Iterable[Correction], merged: Mapping[str, str]) -> Ruling:
    """What stands after all of them, in the order they were made: a later one overrules an earlier
    one about the same two. `merged` says which lineage took over one that is gone.
    """
    pairs: dict[Pair, bool] = {}
    names: dict[str, str] = {}
    locked: set[str] = set()
    placed: dict[str, str] = {}
    joined: dict[str, str] = {}
    for each in standing:
        ids = _living(each.ids, merged)
        if each.kind == "rename":
            names.update(dict.fromkeys(ids, each.name))
        elif each.kind == "lock":
            locked.update(ids)
        elif each.kind == "place":
            prompt, lineage = each.ids
            placed[prompt] = _living([lineage], merged)[0]
        elif each.kind == "join":
            joined.update(dict.fromkeys(each.ids[1:], _living(each.ids[:1], merged)[0]))
        else:
            pairs.update({_pair(*two): True for two in combinations(ids, 2)})
            others = [key for key in _living(each.apart, merged) if key not in ids]
            pairs.update({_pair(*two): False for two in product(ids, others)})
    return Ruling(pairs, names, frozenset(locked), placed, joined)


async def ruling_of(
    tx: Transaction,
    standing: Sequence[Correction],
    *,
    revived: Container[str] = (),
    folded: Mapping[str, str] = NONE,
) -> Ruling:
    """What corrections ask, with lineages and intents that are gone replaced by those that took
    them over, and prompts that were taken out of a family by the intents that they are of.

    Lineages about to be `revived` count as living, intents about to be `folded` as gone.
    """
    wanted = {key for each in standing for key in (*each.ids, *each.apart)}
    taken = {key for each in standing if each.kind == "split" for key in each.ids}
    merged = {**await tx.intents.homes(sorted(taken)), **folded}
    for intent in await tx.intents.some(sorted(wanted)):
        if intent.merged_into:
            merged[intent.id] = intent.merged_into
    while wanted:
        found = [line for line in await tx.templates.some(sorted(wanted)) if line.id not in revived]
        fresh = {line.id: line.merged_into for line in found if line.merged_into}
        wanted = set(fresh.values()) - merged.keys() - fresh.keys()
        merged |= fresh
    return ruling(standing, merged)


def _living(ids: Sequence[str], merged: Mapping[str, str]) -> list[str]:
    """Each once, by who took it over."""
    found: dict[str, None] = {}
    for key in ids:
        seen = {key}
        now = key
        while (taker := merged.get(now)) is not None and taker not in seen:
            seen.add(taker)
            now = taker
        found[now] = None
    return list(found)


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)
