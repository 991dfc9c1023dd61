"""The filter language in Chroma's conditions, meaning exactly what `domain.filters` says.

Facts are known by a hash of 64 bits and stand in one list, each numeric field as a float under a
name of its own, with a fact that says that it is there. Chroma has no `not`, so a negation is
carried to the conditions themselves, each of which has an opposite.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

from promptuary.adapters.indexes._shared.conditions import bounds, is_empty
from promptuary.adapters.indexes._shared.facts import fact, number_key
from promptuary.domain.filters import (
    AllOf,
    AnyOf,
    Between,
    Eq,
    Exists,
    Filter,
    Not,
    OneOf,
    Scalar,
)

FACTS = "facts"
KEY = "key"
ANY = "*"
"""A fact that every entry has."""

MOST = 128
"""A filter of more conditions is evaluated here: Chroma takes minutes for thousands of them."""

Where: TypeAlias = dict[str, Any]


def hashed(said: str) -> str:
    """A fact as Chroma holds it."""
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def having(said: str, *, holds: bool = True) -> Where:
    """That an entry has this fact, or has it not."""
    return {FACTS: {"$contains" if holds else "$not_contains": said}}


def joined(word: str, parts: Sequence[Where]) -> Where:
    """All (`$and`) or one (`$or`) of some conditions, of which there is at least one; as a tree,
    because Chroma's database limits how deep a list of alternatives may be."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return {word: [joined(word, parts[:half]), joined(word, parts[half:])]}


def conditions_in(where: Filter) -> int:
    """How many conditions a filter has."""
    match where:
        case AllOf(parts) | AnyOf(parts):
            return sum(map(conditions_in, parts))
        case Not(part):
            return conditions_in(part)
        case OneOf(_, values):
            return len(values)
    return 1


@dataclass(frozen=True, slots=True)
class Translating:
    """`known` are the keys of the entries that meet what a float cannot tell."""

    known: Mapping[Between, Collection[str]]

    def one(self, wanted: Filter, *, holds: bool = True) -> Where:
        """The filter, or with `holds` false its opposite."""
        match wanted:
            case AllOf(parts):
                return self._all(parts, holds=holds)
            case AnyOf(parts):
                return self._all(tuple(map(Not, parts)), holds=not holds)
            case Not(part):
                return self.one(part, holds=not holds)
            case OneOf(field, values):
                return self.one(AnyOf(tuple(Eq(field, value) for value in values)), holds=holds)
            case Exists(field):
                return having(hashed(fact(field)), holds=holds)
            case Eq(field, value):
                return self._same(field, value, holds=holds)
            case Between():
                return self._between(wanted, holds=holds)

    def _all(self, parts: Sequence[Filter], *, holds: bool) -> Where:
        if not parts:
            return having(ANY, holds=holds)
        return joined("$and" if holds else "$or", [self.one(p, holds=holds) for p in parts])

    def _same(self, field: str, value: Scalar, *, holds: bool) -> Where:
        if isinstance(value, str | bool):
            return having(hashed(fact(field, value)), holds=holds)
        return self._between(Between(field, value, value), holds=holds)

    def _between(self, wanted: Between, *, holds: bool) -> Where:
        if is_empty(wanted):
            return having(ANY, holds=not holds)
        if wanted in self.known:
            return among(self.known[wanted], holds=holds)
        number = having(number_key(wanted.field), holds=holds)
        if not bounds(wanted):
            nan = having(hashed(fact(wanted.field, None)), holds=holds)
            return joined("$or" if holds else "$and", [number, nan])
        return joined("$and" if holds else "$or", [number, *_within(wanted, holds=holds)])


def among(keys: Collection[str], *, holds: bool = True) -> Where:
    """That an entry's key is one of these, or is not."""
    if not keys:
        return having(ANY, holds=not holds)
    return {KEY: {"$in" if holds else "$nin": list(keys)}}


def _within(wanted: Between, *, holds: bool) -> list[Where]:
    key = number_key(wanted.field)
    parts: list[Where] = []
    if wanted.low is not None:
        parts.append({key: {"$gte" if holds else "$lt": float(wanted.low)}})
    if wanted.high is not None:
        parts.append({key: {"$lte" if holds else "$gt": float(wanted.high)}})
    return parts
