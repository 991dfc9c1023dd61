"""The filter language in the engine's conditions, meaning exactly what `domain.filters` says.

The engine holds what an entry's payload says, its facts, by number in one integer index, and each
numeric field as a float in an index of its own.

A float tells numbers apart only up to 2^53. A condition about a number beyond that is evaluated in
Python over the entries that have the field, and handed to the engine as a set of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from sys import float_info
from uuid import UUID

from qdrant_edge import FieldCondition, HasIdCondition, MatchAny, MatchValue, RangeFloat
from qdrant_edge import Filter as Conditions

from promptuary.adapters.indexes._shared.facts import EXACT, fact, is_nan, number_key
from promptuary.domain.filters import (
    AllOf,
    AnyOf,
    Between,
    Eq,
    Exists,
    Filter,
    Not,
    OneOf,
)

FACTS = "facts"

Condition = Conditions | FieldCondition | HasIdCondition
NEVER = HasIdCondition(set())
"""Holds for no entry."""


def numeric(field: str) -> str:
    """What the ledger notes, once, of a field that is a number in some entry."""
    return fact(field, "is", "number")


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
    if numeric(wanted.field) not in knowledge.known or any(map(is_nan, bounds)):
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
