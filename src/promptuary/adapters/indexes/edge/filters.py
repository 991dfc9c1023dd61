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
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from math import isnan
from sys import float_info
from typing import TypeGuard
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
    Value,
)

FACTS = "facts"
EXACT = 2.0**53
"""A float tells all whole numbers apart up to here."""

Condition = Conditions | FieldCondition | HasIdCondition
NEVER = HasIdCondition(set())
"""Holds for no entry."""


def fact(field: str, *value: str | bool | None) -> str:
    """A fact as it is written in the ledger: a JSON list, made of its parts because an encoder
    takes longer to begin than to write it."""
    return f"[{', '.join(map(_written, (field, *value)))}]"


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
        if _is_number(value) and not _is_nan(value)
    }


@lru_cache(maxsize=1024)
def number_key(field: str) -> str:
    """The engine's name for a numeric field; a hash, because it parses names as paths."""
    return "n_" + blake2b(field.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def numeric(field: str) -> str:
    """What the ledger notes, once, of a field that is a number in some entry."""
    return fact(field, "is", "number")


def numeric_fields(payload: Payload) -> set[str]:
    """The fields that are numbers in this payload."""
    return {field for field, value in payload.items() if _is_number(value)}


def has_number(field: str) -> FieldCondition:
    """That the field is a number, other than NaN."""
    return FieldCondition(number_key(field), range=RangeFloat(gte=-float_info.max))


def has_fact(*numbers: int) -> FieldCondition:
    """That one of the facts of these numbers is said."""
    match = MatchAny(list(numbers)) if len(numbers) > 1 else MatchValue(*numbers)
    return FieldCondition(FACTS, match=match)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What translating needs to know of the index."""

    known: Mapping[str, int]
    """The numbers of the facts, and what is numeric."""
    evaluate: Callable[[Filter], set[UUID]]
    """The entries for which a condition holds that the engine cannot tell."""
    is_broad: Callable[[FieldCondition], bool]
    """Whether a condition holds for a good part of the entries."""


def translate(where: Filter, knowledge: Knowledge) -> Conditions:
    """The filter for the engine."""

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
                return _any([_said(knowledge, named), *map(one, rest)])
            case Exists(field):
                return _said(knowledge, [fact(field)])
            case Eq(field, value):
                if isinstance(value, str | bool):
                    return _said(knowledge, [fact(field, value)])
                return _between(Between(field, value, value), knowledge)
            case Between():
                return _between(wanted, knowledge)

    return Conditions(must=[one(where)])


def _between(wanted: Between, knowledge: Knowledge) -> Condition:
    bounds = [bound for bound in (wanted.low, wanted.high) if bound is not None]
    if not bounds:
        nan = _said(knowledge, [fact(wanted.field, None)])
        return _any([has_number(wanted.field), nan])
    if numeric(wanted.field) not in knowledge.known or any(map(_is_nan, bounds)):
        return NEVER
    if not all(-EXACT < bound < EXACT for bound in bounds):
        return HasIdCondition({*knowledge.evaluate(wanted)})
    within = RangeFloat(gte=wanted.low, lte=wanted.high)
    condition = FieldCondition(number_key(wanted.field), range=within)
    if knowledge.is_broad(condition):
        # Said twice over, so that the engine does not begin with it: four times as quick.
        return Conditions(must_not=[Conditions(must_not=[condition])])
    return condition


def _any(parts: Iterable[Condition]) -> Conditions:
    """At least one; to the engine an empty list of alternatives would be no condition at all."""
    return Conditions(should=list(parts) or [NEVER])


def _said(knowledge: Knowledge, wanted: Iterable[str]) -> Condition:
    numbers = [knowledge.known[said] for said in wanted if said in knowledge.known]
    return has_fact(*numbers) if numbers else NEVER


def _written(value: str | bool | None) -> str:
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    return "null" if value is None else "true" if value else "false"


def _float(value: int | float) -> float:
    largest = float_info.max
    try:
        return min(max(float(value), -largest), largest)
    except OverflowError:
        return largest if value > 0 else -largest


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_nan(value: int | float) -> bool:
    return isinstance(value, float) and isnan(value)


def value_of(said: str) -> str | bool | None:
    """The string or boolean of a fact that has one."""
    rest: list[str | bool | None] = json.loads(said)[1:]
    return rest[0] if len(rest) == 1 else None
