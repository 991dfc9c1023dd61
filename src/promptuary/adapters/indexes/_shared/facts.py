"""What a payload says, in a form that any engine can hold and that loses nothing.

A fact is a JSON list: `["field"]` (it is there), `["field", value]` (a string or boolean it has),
`["field", null]` (it is NaN). Numbers stand beside the facts, each field under a name of its own.
So any name and any string will do, booleans are never numbers, and 1 equals 1.0.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from math import isnan
from sys import float_info
from typing import TypeGuard

from promptuary.domain.filters import Payload, Value

EXACT = 2.0**53
"""A float tells all whole numbers apart up to here."""


def fact(field: str, *value: str | bool | None) -> str:
    """A fact as it is written: a JSON list, made of its parts because an encoder takes longer to
    begin than to write it."""
    return f"[{', '.join(map(_written, (field, *value)))}]"


def facts(payload: Payload) -> list[str]:
    """What the payload says, each once, numbers left out but for their presence."""
    said: dict[str, None] = {}
    for field, value in payload.items():
        values = value if isinstance(value, tuple) else (value,)
        if values:
            said[fact(field)] = None
        for one in values:
            if isinstance(one, str | bool):
                said[fact(field, one)] = None
            elif is_nan(one):
                said[fact(field, None)] = None
    return list(said)


def value_of(said: str) -> str | bool | None:
    """The string or boolean of a fact that has one."""
    rest: list[str | bool | None] = json.loads(said)[1:]
    return rest[0] if len(rest) == 1 else None


def numbers(payload: Payload) -> dict[str, float]:
    """The numeric fields as floats; what a float cannot hold becomes its largest."""
    return {
        number_key(field): as_float(value)
        for field, value in payload.items()
        if is_number(value) and not is_nan(value)
    }


@lru_cache(maxsize=1024)
def number_key(field: str) -> str:
    """An engine's name for a numeric field; a hash, because engines parse names as paths."""
    return "n_" + blake2b(field.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def numeric_fields(payload: Payload) -> set[str]:
    """The fields that are numbers in this payload."""
    return {field for field, value in payload.items() if is_number(value)}


def as_float(value: int | float) -> float:
    """The nearest float that is finite."""
    largest = float_info.max
    try:
        return min(max(float(value), -largest), largest)
    except OverflowError:
        return largest if value > 0 else -largest


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether it is a number, which a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_nan(value: int | float) -> bool:
    """Whether it is the float that equals nothing."""
    return isinstance(value, float) and isnan(value)


def _written(value: str | bool | None) -> str:
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    return "null" if value is None else "true" if value else "false"
