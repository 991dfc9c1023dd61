"""What people's corrections ask of the engine, in the terms of the lineages that live now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from promptuary.domain.corrections import Correction

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which two lineages (in order of their ids) are of one family, or are not; what lineages are
    called; whose text stays."""

    pairs: Mapping[Pair, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()

    @property
    def bound(self) -> frozenset[str]:
        """The lineages whose family people have a say in."""
        return frozenset(key for pair in self.pairs for key in pair)


def ruling(standing: Iterable[Correction], merged: Mapping[str, str]) -> Ruling:
    """What stands after all of them, in the order they were made: a later one overrules an earlier
    one about the same two. `merged` says which lineage took over one that is gone.
    """
    pairs: dict[Pair, bool] = {}
    names: dict[str, str] = {}
    locked: set[str] = set()
    for each in standing:
        ids = _living(each.ids, merged)
        if each.kind == "rename":
            names.update(dict.fromkeys(ids, each.name))
        elif each.kind == "lock":
            locked.update(ids)
        else:
            pairs.update({_pair(*two): True for two in combinations(ids, 2)})
            others = [key for key in _living(each.apart, merged) if key not in ids]
            pairs.update({_pair(*two): False for two in product(ids, others)})
    return Ruling(pairs, names, frozenset(locked))


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
