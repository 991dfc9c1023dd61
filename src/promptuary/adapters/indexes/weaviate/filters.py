"""The filter language in the server's conditions, meaning exactly what `domain.filters` says.

Facts are known by a hash of 64 bits and stand in one property, each numeric field as a float in a
property of its own. Conditions that a float cannot tell come as the objects that meet them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from sys import float_info
from uuid import UUID

from weaviate.classes.query import Filter as Where
from weaviate.collections.classes.filters import FilterReturn

from promptuary.adapters.indexes._shared.conditions import is_empty
from promptuary.adapters.indexes._shared.facts import as_float, fact, number_key
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
ANY = "*"
"""A fact that every entry has."""


def hashed(said: str) -> str:
    """A fact as the server holds it."""
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def has(*said: str) -> FilterReturn:
    """That an entry has one of these; without any, that holds for none."""
    return Where.by_property(FACTS).contains_any([*said] or ["-"])


def has_number(field: str) -> FilterReturn:
    """That the field, which has a property, is a number other than NaN."""
    return Where.by_property(number_key(field)).greater_or_equal(-float_info.max)


@dataclass(frozen=True, slots=True)
class Translating:
    """What translating needs to know of the index."""

    known: Mapping[Between, Sequence[UUID]]
    """The objects that meet what a float cannot tell."""
    numeric: Collection[str]
    """The fields that have a property for their numbers."""

    def one(self, wanted: Filter) -> FilterReturn:
        """The filter for the server."""
        match wanted:
            case AllOf(parts):
                return Where.all_of([*map(self.one, parts)]) if parts else has(ANY)
            case AnyOf(parts):
                return _any(map(self.one, parts))
            case Not(part):
                return Where.not_(self.one(part))
            case OneOf(field, values):
                return _any(self._same(field, value) for value in values)
            case Exists(field):
                return has(hashed(fact(field)))
            case Eq(field, value):
                return self._same(field, value)
            case Between():
                return self._between(wanted)

    def _same(self, field: str, value: Scalar) -> FilterReturn:
        if isinstance(value, str | bool):
            return has(hashed(fact(field, value)))
        return self._between(Between(field, value, value))

    def _between(self, wanted: Between) -> FilterReturn:
        if is_empty(wanted):
            return has()
        if wanted in self.known:
            ids = self.known[wanted]
            return Where.by_id().contains_any(ids) if ids else has()
        nan = [has(hashed(fact(wanted.field, None)))] if _unbounded(wanted) else []
        if wanted.field not in self.numeric:
            return _any(nan)
        return _any([_within(wanted), *nan])


def _within(wanted: Between) -> FilterReturn:
    if _unbounded(wanted):
        return has_number(wanted.field)
    kept = Where.by_property(number_key(wanted.field))
    parts = []
    if wanted.low is not None:
        parts.append(kept.greater_or_equal(as_float(wanted.low)))
    if wanted.high is not None:
        parts.append(kept.less_or_equal(as_float(wanted.high)))
    return Where.all_of(parts)


def _unbounded(wanted: Between) -> bool:
    return wanted.low is None and wanted.high is None


def _any(parts: Iterable[FilterReturn]) -> FilterReturn:
    kept = list(parts)
    return Where.any_of(kept) if kept else has()
