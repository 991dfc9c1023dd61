"""The filter language as somebody types it: `size>=10`, `kind=template,family`, `source!=web`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, Between, Eq, Exists, Filter, Not, OneOf, Scalar

_CONDITION = re.compile(r"\s*(!?)([A-Za-z_][\w.]*)\s*(?:(!=|>=|<=|=)\s*(.*))?", re.DOTALL)


def parse_where(conditions: Sequence[str]) -> Filter | None:
    """All of the conditions; None when there are none. Raises InvalidInput.

    `field=value` (values separated by commas: one of them), `field!=value`, `field>=number`,
    `field<=number`, `field` (it is there), `!field` (it is not). Numbers, `true` and `false` are
    typed, a date such as `2026-01-31` counts as seconds since 1970; quotes keep a value a text.
    """
    if not conditions:
        return None
    parts = tuple(_condition(text) for text in conditions)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _condition(text: str) -> Filter:
    read = _CONDITION.fullmatch(text)
    if read is None or (read[1] and read[3]):
        raise InvalidInput(
            f"cannot read the condition {text!r}; write field=value, field!=value, "
            "field>=number, field<=number, field or !field",
            fields={"where": text},
        )
    refused, field, sign, value = read.groups()
    match sign:
        case "=":
            return _equals(field, value)
        case "!=":
            return Not(_equals(field, value))
        case ">=":
            return Between(field, low=_number(text, value))
        case "<=":
            return Between(field, high=_number(text, value))
        case _:
            return Not(Exists(field)) if refused else Exists(field)


def _equals(field: str, value: str) -> Filter:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return Eq(field, value[1:-1])
    values = tuple(_scalar(each.strip()) for each in value.split(","))
    return Eq(field, values[0]) if len(values) == 1 else OneOf(field, values)


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _number(condition: str, value: str) -> float:
    number = _scalar(value.strip())
    if isinstance(number, int | float) and not isinstance(number, bool):
        return number
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        raise InvalidInput(
            f"{value!r} in {condition!r} is neither a number nor a date",
            fields={"where": condition},
        ) from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
