"""The one filter language that every index understands, and what each filter means.

A payload maps a field to a scalar or to a tuple of strings (a field with several values, such as
tags). A condition on such a field holds when it holds for one of its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[str, ...]
Payload: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Eq:
    """The field is there and equals `value`. Booleans equal only booleans, numbers only numbers."""

    field: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field is there and equals one of `values`; no value, no match."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The field is a number with `low <= field <= high`; a missing bound does not bound."""

    field: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there (a tuple without values is not)."""

    field: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; no parts, always true."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; no parts, never true."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; a missing field makes a condition false and its negation true."""

    part: Filter


Filter: TypeAlias = Eq | OneOf | Between | Exists | AllOf | AnyOf | Not


def matches(wanted: Filter, payload: Payload) -> bool:
    """The reference meaning of a filter; an adapter that translates it must agree with this."""
    match wanted:
        case Eq(field, value):
            return any(_same(got, value) for got in _values(payload, field))
        case OneOf(field, values):
            return any(_same(got, value) for got in _values(payload, field) for value in values)
        case Between(field, low, high):
            return any(_within(got, low, high) for got in _values(payload, field))
        case Exists(field):
            return bool(_values(payload, field))
        case AllOf(parts):
            return all(matches(part, payload) for part in parts)
        case AnyOf(parts):
            return any(matches(part, payload) for part in parts)
        case Not(part):
            return not matches(part, payload)


def _values(payload: Payload, field: str) -> tuple[Scalar, ...]:
    value = payload.get(field, ())
    return value if isinstance(value, tuple) else (value,)


def _same(got: Scalar, wanted: Scalar) -> bool:
    return isinstance(got, bool) == isinstance(wanted, bool) and got == wanted


def _within(got: Scalar, low: float | None, high: float | None) -> bool:
    if isinstance(got, bool | str):
        return False
    return (low is None or got >= low) and (high is None or got <= high)
