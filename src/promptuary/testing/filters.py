"""Payloads and filters for property-based tests, with everything in them that engines trip over."""

from __future__ import annotations

from math import isnan

from hypothesis import strategies as st

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

FIELDS = ("a", "größe 日本", 'with.dot[0]"', "", "not", "id")
STRINGS = ("", "x", "1", "true", "None", "é", "e\u0301", "[]", "\ud800", "nul\0", '["a", "x"]')
NUMBERS = (
    0, 1, -1, 2, 0.0, -0.0, 1.0, 0.1, 1.5, 2**53, 2**53 + 1, -(2**53) - 1, 2.0**53, 2**63, 10**400,
    -(10**400), 1e308, 5e-324, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip


def conditions(field: str) -> list[Filter]:
    """Every kind of condition on one field, about every awkward value."""
    values: tuple[Scalar, ...] = (True, False, *STRINGS, *NUMBERS)
    return [
        *(Eq(field, value) for value in values),
        *(Between(field, low=number) for number in NUMBERS),
        *(Between(field, high=number) for number in NUMBERS),
        *(Between(field, number, number) for number in NUMBERS),
        Between(field),
        Between(field, -1, 1.0),
        Exists(field),
        OneOf(field, ()),
        OneOf(field, (True, "x", 1, 2**53 + 1)),
    ]


def _is_a_number(number: float) -> bool:
    return type(number) is int or not isnan(number)


def strings() -> st.SearchStrategy[str]:
    """Mostly the awkward ones."""
    return st.sampled_from(STRINGS) | st.text(max_size=5)


def scalars(*, nan: bool = True) -> st.SearchStrategy[Scalar]:
    """Booleans, integers beyond 2^53, floats with NaN and infinities, strings."""
    numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats()
    return st.booleans() | strings() | (numbers if nan else numbers.filter(_is_a_number))


def payloads() -> st.SearchStrategy[Payload]:
    """Up to five fields, scalars and tuples of strings."""
    values = scalars() | st.lists(strings(), max_size=3).map(tuple)
    return st.dictionaries(st.sampled_from(FIELDS), values, max_size=5)


def filters(*, nan: bool = True) -> st.SearchStrategy[Filter]:
    """Filters of every kind, nested, with empty ones."""
    fields = st.sampled_from(FIELDS)
    numbers = st.sampled_from(NUMBERS) | st.integers(-3, 3)
    bounds = st.none() | (numbers if nan else numbers.filter(_is_a_number))
    leaves: st.SearchStrategy[Filter] = st.one_of(
        st.builds(Eq, fields, scalars(nan=nan)),
        st.builds(OneOf, fields, st.lists(scalars(nan=nan), max_size=3).map(tuple)),
        st.builds(Between, fields, bounds, bounds),
        st.builds(Exists, fields),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, inner),
        ),
        max_leaves=6,
    )
