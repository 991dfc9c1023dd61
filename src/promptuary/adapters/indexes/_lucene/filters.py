"""The filter language in the engine's queries, meaning exactly what `domain.filters` says.

What a payload says is kept as facts, one keyword each: the hash of the field, a letter for the kind
and the value. So any name and any string will do, booleans are never numbers, 1 equals 1.0, and one
field of the engine holds them all. A number is also kept as a double of its field, for ranges; a
double tells numbers apart only up to 2^53, so those beyond are kept once more, as keywords whose
order is that of the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import inf, isnan
from sys import float_info
from typing import Any, TypeAlias, TypeGuard

from promptuary.domain.errors import InvalidInput
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
    Scalar,
)

Query: TypeAlias = dict[str, Any]
FACTS, NUMBERS, BIG = "facts", "numbers", "big"
EVERY: Query = {"match_all": {}}
NEVER: Query = {"match_none": {}}
EXACT = 2**53
"""A double tells all whole numbers below apart."""
COUNTED = "bist"
"""The kinds of facts that a facet counts: booleans, whole numbers, strings."""
_LONGEST = 8_000
_AT_ONCE = 60_000
_DEEPEST = 24
"""Engines refuse queries nested in more than 30."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry's payload says, as the engine keeps it."""

    facts: list[str]
    numbers: dict[str, float]
    big: list[str]


@lru_cache(maxsize=4096)
def field_key(field: str) -> str:
    """A field's name as it stands in the engine, which would parse it as a path."""
    return blake2b(field.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def said(payload: Payload) -> Said:
    """Everything a payload says. Raises InvalidInput for a number of thousands of digits."""
    facts: dict[str, None] = {}
    numbers: dict[str, float] = {}
    big: list[str] = []
    for field, value in payload.items():
        key = field_key(field)
        values = value if isinstance(value, tuple) else (value,)
        if values:
            facts[f"{key}-"] = None
        facts.update((fact(key, one), None) for one in values)
        if _is_number(value):
            facts[f"{key}#"] = None
            if not _is_nan(value):
                numbers[key] = _double(value)
                if abs(value) >= EXACT:
                    big.append(f"{key} {order(value)}")
    return Said(list(facts), numbers, big)


def fact(key: str, value: Scalar) -> str:
    """That the field of that key has the value."""
    if isinstance(value, bool):
        return f"{key}b{int(value)}"
    if isinstance(value, str):
        return key + _string(value)
    if _is_nan(value):
        return f"{key}?"
    if isinstance(value, float) and not value.is_integer():
        return f"{key}f{value!r}"
    return f"{key}i{order(int(value))}"


def value_of(told: str) -> str | bool | int | None:
    """The value of a fact that a facet counts, without its key; None of a string too long to be
    kept there."""
    kind, rest = told[0], told[1:]
    match kind:
        case "b":
            return rest == "1"
        case "i":
            return _number(rest)
        case "s":
            return rest
        case "t" if rest[0] == '"':
            return str(json.loads(rest))
    return None


def order(number: float) -> str:
    """A whole number or an infinity as a text: texts are in the order of the numbers."""
    if number in (inf, -inf):
        return "b~" if number > 0 else "a!"
    try:
        digits = str(abs(int(number)))
    except ValueError as error:
        raise InvalidInput("a number of thousands of digits cannot be kept") from error
    if number >= 0:
        return f"b{len(digits):05}{digits}"
    return f"a{99_999 - len(digits):05}{_complement(digits)}"


def translate(where: Filter | None) -> Query:
    """The filter for the engine. Raises InvalidInput for one that is nested too deep."""
    return EVERY if where is None else _translate(where, 0)


def _translate(where: Filter, depth: int) -> Query:
    if depth > _DEEPEST:
        raise InvalidInput(f"a filter may be nested {_DEEPEST} deep, and no deeper")
    match where:
        case Eq(field, value):
            return _one_of([(field, value)])
        case OneOf(field, values):
            return _one_of([(field, value) for value in values])
        case Exists(field):
            return {"term": {FACTS: f"{field_key(field)}-"}}
        case Between():
            return _between(where)
        case Not(Not(part)):
            return _translate(part, depth)
        case Not(part):
            return {"bool": {"must_not": [_translate(part, depth + 1)]}}
        case AllOf():
            parts = [_translate(part, depth + 1) for part in _flat(where)]
            return {"bool": {"filter": parts}} if parts else EVERY
        case AnyOf():
            return _any_of(where, depth)


def _flat(where: AllOf | AnyOf) -> Iterable[Filter]:
    """The parts, and those of parts of the same kind."""
    for part in where.parts:
        if isinstance(part, type(where)):
            yield from _flat(part)
        else:
            yield part


def _any_of(where: AnyOf, depth: int) -> Query:
    """Equalities become one query, however many they are."""
    parts = list(_flat(where))
    equal = [(part.field, part.value) for part in parts if isinstance(part, Eq)]
    rest = [_translate(part, depth + 1) for part in parts if not isinstance(part, Eq)]
    return either([*rest, _one_of(equal)] if equal else rest)


def _one_of(wanted: Iterable[tuple[str, Scalar]]) -> Query:
    facts = {fact(field_key(field), value): None for field, value in wanted if not _is_nan(value)}
    told = list(facts)
    if len(told) == 1:
        return {"term": {FACTS: told[0]}}
    starts = range(0, len(told), _AT_ONCE)
    return either([{"terms": {FACTS: told[start : start + _AT_ONCE]}} for start in starts])


def either(parts: list[Query]) -> Query:
    """At least one of them holds."""
    if len(parts) <= 1:
        return parts[0] if parts else NEVER
    return {"bool": {"should": parts, "minimum_should_match": 1}}


def _between(wanted: Between) -> Query:
    key, low, high = field_key(wanted.field), wanted.low, wanted.high
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds:
        return {"term": {FACTS: f"{key}#"}}
    if any(map(_is_nan, bounds)):
        return NEVER
    if all(-EXACT < bound < EXACT for bound in bounds):
        return _range(f"{NUMBERS}.{key}", gte=low, lte=high)
    parts = [] if low is None else [_from(key, low)]
    parts += [] if high is None else [_up_to(key, high)]
    return {"bool": {"filter": parts}}


def _from(key: str, low: float) -> Query:
    if -EXACT < low < EXACT:
        return _range(f"{NUMBERS}.{key}", gte=low)
    beyond = _range(BIG, gte=f"{key} {order(low)}", lte=f"{key} ~")
    return beyond if low > 0 else either([_range(f"{NUMBERS}.{key}", gt=float(-EXACT)), beyond])


def _up_to(key: str, high: float) -> Query:
    if -EXACT < high < EXACT:
        return _range(f"{NUMBERS}.{key}", lte=high)
    beyond = _range(BIG, gte=f"{key} ", lte=f"{key} {order(high)}")
    return beyond if high < 0 else either([_range(f"{NUMBERS}.{key}", lt=float(EXACT)), beyond])


def _range(field: str, **bounds: float | str | None) -> Query:
    told = {name: at + 0.0 if isinstance(at, float) else at for name, at in bounds.items()}
    return {"range": {field: {name: at for name, at in told.items() if at is not None}}}


def _string(text: str) -> str:
    try:
        written = text.encode()
    except UnicodeEncodeError:
        written = json.dumps(text).encode()
        if len(written) <= _LONGEST:
            return f"t{written.decode()}"
    if len(written) <= _LONGEST:
        return f"s{text}"
    return f"t{blake2b(written, digest_size=32).hexdigest()}"


def _number(told: str) -> int:
    digits = told[6:]
    return int(digits) if told[0] == "b" else -int(_complement(digits))


def _complement(digits: str) -> str:
    return digits.translate(str.maketrans("0123456789", "9876543210"))


def _double(number: float) -> float:
    try:
        # An engine takes -0.0 for less than 0.0; their sum is 0.0.
        return min(max(float(number), -float_info.max), float_info.max) + 0.0
    except OverflowError:
        return float_info.max if number > 0 else -float_info.max


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
