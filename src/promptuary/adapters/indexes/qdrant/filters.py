"""The filter language in the server's conditions, meaning exactly what `domain.filters` says.

Facts are known by a hash of 64 bits and stand in one keyword field, each numeric field as a float
in a field of its own. Conditions that a float cannot tell come as the ids that meet them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from sys import float_info

from qdrant_client.models import (
    Condition,
    FieldCondition,
    HasIdCondition,
    MatchAny,
    Range,
)
from qdrant_client.models import Filter as Conditions

from promptuary.adapters.indexes._shared.conditions import is_empty
from promptuary.adapters.indexes._shared.facts import fact, number_key
from promptuary.domain.filters import AllOf, AnyOf, Between, Eq, Exists, Filter, Not, OneOf

FACTS = "facts"
NEVER = HasIdCondition(has_id=[])
"""Holds for no entry."""


def hashed(said: str) -> str:
    """A fact as the server holds it."""
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def has_number(field: str) -> FieldCondition:
    """That the field is a number, other than NaN."""
    return FieldCondition(key=number_key(field), range=Range(gte=-float_info.max))


def both(*conditions: Condition | None) -> Conditions:
    """That all of them hold."""
    return Conditions(must=[one for one in conditions if one is not None])


def translate(where: Filter, known: Mapping[Between, Sequence[str]]) -> Conditions:
    """The filter for the server; `known` are the points that meet what a float cannot tell."""

    def one(wanted: Filter) -> Condition:
        match wanted:
            case AllOf(parts):
                return Conditions(must=[one(part) for part in parts])
            case AnyOf(parts):
                return _any(one(part) for part in parts)
            case Not(part):
                return Conditions(must_not=[one(part)])
            case OneOf(field, values):
                named = [fact(field, value) for value in values if isinstance(value, str | bool)]
                rest = [Eq(field, value) for value in values if not isinstance(value, str | bool)]
                return _any([_said(named), *map(one, rest)])
            case Exists(field):
                return _said([fact(field)])
            case Eq(field, value):
                if isinstance(value, str | bool):
                    return _said([fact(field, value)])
                return _between(Between(field, value, value), known)
            case Between():
                return _between(wanted, known)

    return Conditions(must=[one(where)])


def _between(wanted: Between, known: Mapping[Between, Sequence[str]]) -> Condition:
    if is_empty(wanted):
        return NEVER
    if wanted in known:
        return HasIdCondition(has_id=list(known[wanted]))
    if wanted.low is None and wanted.high is None:
        return _any([has_number(wanted.field), _said([fact(wanted.field, None)])])
    within = Range(gte=wanted.low, lte=wanted.high)
    return FieldCondition(key=number_key(wanted.field), range=within)


def _any(parts: Iterable[Condition]) -> Conditions:
    """At least one; an empty list of alternatives would be no condition at all."""
    return Conditions(should=list(parts) or [NEVER])


def _said(wanted: Iterable[str]) -> Condition:
    hashes = [hashed(said) for said in wanted]
    return FieldCondition(key=FACTS, match=MatchAny(any=hashes)) if hashes else NEVER
