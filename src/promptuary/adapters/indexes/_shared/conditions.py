"""What engines that know floats only cannot tell: conditions on numbers beyond 2^53."""

from __future__ import annotations

from collections.abc import Iterator

from promptuary.adapters.indexes._shared.facts import EXACT, is_nan, is_number
from promptuary.domain.filters import AllOf, AnyOf, Between, Eq, Filter, Not, OneOf


def ranges(where: Filter) -> Iterator[Between]:
    """Every condition on a number, as the range that it is."""
    match where:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from ranges(part)
        case Not(part):
            yield from ranges(part)
        case OneOf(field, values):
            for value in values:
                yield from ranges(Eq(field, value))
        case Eq(field, value):
            if is_number(value):
                yield Between(field, value, value)
        case Between():
            yield where


def bounds(wanted: Between) -> list[float]:
    """The bounds that it has."""
    return [bound for bound in (wanted.low, wanted.high) if bound is not None]


def is_empty(wanted: Between) -> bool:
    """Whether nothing lies within, because a bound is NaN."""
    return any(map(is_nan, bounds(wanted)))


def inexact(where: Filter | None) -> list[Between]:
    """The conditions that a float cannot tell; the others mean the same about floats."""
    found = [] if where is None else ranges(where)
    return [
        one
        for one in found
        if not is_empty(one) and not all(-EXACT < bound < EXACT for bound in bounds(one))
    ]
