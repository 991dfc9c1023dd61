"""The filter language in SQL, meaning exactly what `domain.filters` says.

Facts are known by a hash of 64 bits, in an array with an index of its own. Numbers stand in a
table as PostgreSQL's `numeric`, which holds every integer and every float exactly, so no condition
has to be evaluated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b

from promptuary.adapters.indexes._shared.facts import fact, is_nan, is_number
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

NEVER = "false"


def hashed(said: str) -> int:
    """A fact's, or a field's, number."""
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def exact(number: int | float) -> str:
    """A number as `numeric` reads it, every digit of it."""
    return str(Decimal(number))


def numbers_of(payload: Payload) -> dict[int, str]:
    """The numeric fields other than NaN."""
    return {
        hashed(field): exact(value)
        for field, value in payload.items()
        if is_number(value) and not is_nan(value)
    }


class Conditions:
    """A filter as an SQL expression, and the values it is about."""

    def __init__(self, where: Filter | None, first: int, of: str = "e") -> None:
        """Parameters are numbered from `first`. The expression is over the table `of`, whose `no`
        tells the entry, and over the entries `e` as well if it turns out to be `by_facts`."""
        self._first, self._of = first, of
        self.by_facts = False
        self.values: list[object] = []
        self.sql = "true" if where is None else self._one(where)

    def _one(self, wanted: Filter) -> str:
        match wanted:
            case AllOf(parts):
                return self._joined("AND", map(self._one, parts), "true")
            case AnyOf(parts):
                return self._joined("OR", map(self._one, parts), NEVER)
            case Not(part):
                return f"NOT {self._one(part)}"
            case OneOf(field, values):
                named = [fact(field, value) for value in values if isinstance(value, str | bool)]
                rest = [Eq(field, value) for value in values if not isinstance(value, str | bool)]
                said = [self._said(named)] if named else []
                return self._joined("OR", [*said, *map(self._one, rest)], NEVER)
            case Exists(field):
                return self._said([fact(field)])
            case Eq(field, value):
                if isinstance(value, str | bool):
                    return self._said([fact(field, value)])
                return self._between(Between(field, value, value))
            case Between():
                return self._between(wanted)

    def _joined(self, word: str, parts: Iterable[str], empty: str) -> str:
        return f"({f' {word} '.join(parts) or empty})"

    def _said(self, wanted: list[str]) -> str:
        self.by_facts = True
        return f"(e.facts && {self._value([hashed(said) for said in wanted])}::bigint[])"

    def _between(self, wanted: Between) -> str:
        bounds = [bound for bound in (wanted.low, wanted.high) if bound is not None]
        if any(map(is_nan, bounds)):
            return NEVER
        parts = [f"n.field = {self._value(hashed(wanted.field))}"]
        if wanted.low is not None and wanted.low == wanted.high:
            parts.append(self._compared("=", wanted.low))
        else:
            parts += [
                self._compared(sign, bound)
                for sign, bound in ((">=", wanted.low), ("<=", wanted.high))
                if bound is not None
            ]
        within = f"SELECT n.no FROM numbers n WHERE {' AND '.join(parts)}"  # noqa: S608 - parameters
        if bounds:
            return f"({self._of}.no IN ({within}))"
        return f"({self._of}.no IN ({within}) OR {self._said([fact(wanted.field, None)])})"

    def _compared(self, sign: str, bound: int | float) -> str:
        return f"n.value {sign} {self._value(exact(bound))}::text::numeric"

    def _value(self, value: object) -> str:
        self.values.append(value)
        return f"${self._first + len(self.values) - 1}"
