"""The filter language in the engine's conditions, meaning exactly what `domain.filters` says.

What an entry's payload says is kept as facts: a fact is a JSON list, `["field"]` (it is there),
`["field", value]` (a string or boolean it has), `["field", null]` (it is NaN). The engine holds
facts by number in one integer index, and each numeric field as a float in an index of its own.
So any name and any string will do, booleans are never numbers, and 1 equals 1.0.

A float tells numbers apart only up to 2^53. A condition about a number beyond that is evaluated in
Python over the entries that have the field, and handed to the engine as a set of ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from math import isnan
from sys import float_info
from uuid import UUID

from qdrant_edge import FieldCondition, HasIdCondition, MatchAny, MatchValue, RangeFloat
from qdrant_edge import Filter as Conditions

from promptuary.domain.filters import (
    AllOf,
    AnyOf,
    Between,
    Eq,
    Exists,
    Filter,
    Not,
    OneOf,
    Payload,
)

FACTS = "facts"
_EXACT = 2.0**53

Condition = Conditions | FieldCondition | HasIdCondition
NEVER = HasIdCondition(set())
"""Holds for no entry."""


def fact(field: str, *value: str | bool | None) -> str:
    """A fact as it is written in the ledger."""
    return json.dumps([field, *value])


def facts(payload: Payload) -> list[str]:
    """What the payload says, numbers left out but for their presence."""
    said: dict[str, None] = {}
    for field, value in payload.items():
        values = value if isinstance(value, tuple) else (value,)
        if values:
            said[fact(field)] = None
        for one in values:
            if isinstance(one, str | bool):
                said[fact(field, one)] = None
            elif _is_nan(one):
                said[fact(field, None)] = None
    return list(said)


def numbers(payload: Payload) -> dict[str, float]:
    """The numeric fields as the engine keeps them; what a float cannot hold becomes its largest."""
    return {
        number_key(field): _float(value)
        for field, value in payload.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and not _is_nan(value)
    }


def number_key(field: str) -> str:
    """The engine's name for a numeric field; a hash, because it parses names as paths."""
    return "n_" + blake2b(field.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def has_number(field: str) -> FieldCondition:
    """That the field is a number, other than NaN."""
    return FieldCondition(number_key(field), range=RangeFloat(gte=-float_info.max))


def has_fact(*numbers: int) -> FieldCondition:
    """That one of the facts of these numbers is said."""
    match = MatchAny(list(numbers)) if len(numbers) > 1 else MatchValue(*numbers)
    return FieldCondition(FACTS, match=match)


def translate(
    where: Filter, known: Mapping[str, int], evaluate: Callable[[Filter], set[UUID]]
) -> Conditions:
    """The filter for the engine. `known` numbers the facts; `evaluate` gives the entries for which
    a condition that the engine cannot tell holds."""

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
                return _any([_said(known, named), *map(one, rest)])
            case Exists(field):
                return _said(known, [fact(field)])
            case Eq(field, value):
                if isinstance(value, str | bool):
                    return _said(known, [fact(field, value)])
                return _between(Between(field, value, value), known, evaluate)
            case Between():
                return _between(wanted, known, evaluate)

    return Conditions(must=[one(where)])


def _between(
    wanted: Between, known: Mapping[str, int], evaluate: Callable[[Filter], set[UUID]]
) -> Condition:
    bounds = [bound for bound in (wanted.low, wanted.high) if bound is not None]
    if not bounds:
        return _any([has_number(wanted.field), _said(known, [fact(wanted.field, None)])])
    if any(_is_nan(bound) for bound in bounds):
        return NEVER
    if all(-_EXACT < bound < _EXACT for bound in bounds):
        within = RangeFloat(gte=wanted.low, lte=wanted.high)
        return FieldCondition(number_key(wanted.field), range=within)
    return HasIdCondition({*evaluate(wanted)})


def _any(parts: Iterable[Condition]) -> Conditions:
    """At least one; to the engine an empty list of alternatives would be no condition at all."""
    return Conditions(should=list(parts) or [NEVER])


def _said(known: Mapping[str, int], wanted: Iterable[str]) -> Condition:
    numbers = [known[said] for said in wanted if said in known]
    return has_fact(*numbers) if numbers else NEVER


def _float(value: int | float) -> float:
    largest = float_info.max
    try:
        return min(max(float(value), -largest), largest)
    except OverflowError:
        return largest if value > 0 else -largest


def _is_nan(value: int | float) -> bool:
    return isinstance(value, float) and isnan(value)


def value_of(said: str) -> str | bool | None:
    """The string or boolean of a fact that has one."""
    rest: list[str | bool | None] = json.loads(said)[1:]
    return rest[0] if rest else None
