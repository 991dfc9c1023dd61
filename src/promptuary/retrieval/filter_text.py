"""The filter language as people type it: `kind = template and size >= 10 and not exists(tags)`.

```
filter  = every ("or" every)*                every = part ("and" part)*
part    = "not" part | "(" filter ")" | ("all" | "any") "(" [filter ("," filter)*] ")"
        | "exists" "(" field ")" | field test
test    = ("=" | "!=") value | (">=" | "<=" | ">" | "<") number
        | "in" "(" [value ("," value)*] ")" | "in" [number] ".." [number]
field   = a name of letters, digits, `_`, `-` and `.`, or a JSON string
value   = a JSON string | a name that is no word of this grammar | number | "true" | "false"
number  = as in JSON, or "inf", "-inf", "nan", or a date in ISO 8601
```

`a > 1` is short for `a >= 1 and not a = 1`. `all()` is always true, `any()` never. A date such as
`2026-01-31` or `2026-01-31T09:30Z` is its first second, counted from 1970 in UTC. Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf, isinf, isnan, nan
from typing import Literal, TypeAlias

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
    Scalar,
)

MAX_DEPTH = 50
"""A filter may be nested that deep and no deeper."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<date>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w]))
      | (?P<number>-?(?:\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?(?![\w])|inf\b|nan\b))
      | (?P<sign>\.\.|!=|>=|<=|[=<>(),])
      | (?P<name>[^\W\d][\w\-]*(?:[./][\w\-]+)*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset(
    {"and", "or", "not", "in", "exists", "all", "any", "true", "false", "inf", "nan"}
)
_NUMBERS = {"inf": inf, "-inf": -inf, "nan": nan, "-nan": nan}

Kind: TypeAlias = Literal["text", "date", "number", "sign", "name", "end"]
_NUMERIC = ("number", "date")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    at: int


def parse(text: str) -> Filter:
    """The filter that a text says. Raises InvalidInput, whose `fields["filter"]` says at which
    character (from 1) something else was expected."""
    reader = _Reader(_tokens(text))
    found = reader.either(0)
    reader.end()
    return found


def write(wanted: Filter) -> str:
    """The text of a filter, from which `parse` makes the same filter again."""
    match wanted:
        case AllOf(parts) | AnyOf(parts):
            conjunction, name = ("and", "all") if isinstance(wanted, AllOf) else ("or", "any")
            if len(parts) < 2:
                return f"{name}({''.join(map(write, parts))})"
            return f" {conjunction} ".join(map(_write_part, parts))
        case Not(part):
            return f"not {_write_part(part)}"
        case Eq(field, value):
            return f"{_write_field(field)} = {_write_value(value)}"
        case OneOf(field, values):
            return f"{_write_field(field)} in ({', '.join(map(_write_value, values))})"
        case Exists(field):
            return f"exists({_write_field(field)})"
        case Between():
            return _write_between(wanted)


class _Reader:
    """Reads tokens from left to right, one function a rule of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def either(self, depth: int) -> Filter:
        parts = [self._every(depth)]
        while self._take("or"):
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def end(self) -> None:
        if self._next.kind != "end":
            raise self._expected("`and`, `or` or the end")

    def _every(self, depth: int) -> Filter:
        parts = [self._part(depth + 1)]
        while self._take("and"):
            parts.append(self._part(depth + 1))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise self._expected(f"no more than {MAX_DEPTH} levels")
        if self._take("not"):
            return Not(self._part(depth + 1))
        if self._take("("):
            inner = self.either(depth)
            self._need(")")
            return inner
        for name, made in (("all", AllOf), ("any", AnyOf)):
            if self._calls(name):
                return made(tuple(self._listed(depth)))
        if self._calls("exists"):
            field = self._field()
            self._need(")")
            return Exists(field)
        return self._test(self._field())

    def _listed(self, depth: int) -> list[Filter]:
        found: list[Filter] = []
        while not self._take(")"):
            if found:
                self._need(",")
            found.append(self.either(depth))
        return found

    def _test(self, field: str) -> Filter:
        if self._take("="):
            return Eq(field, self._value())
        if self._take("!="):
            return Not(Eq(field, self._value()))
        if self._take("in"):
            return self._set(field) if self._take("(") else self._range(field)
        for sign in (">=", "<=", ">", "<"):
            if self._take(sign):
                return _compared(field, sign, self._number())
        raise self._expected("one of = != >= <= > < in")

    def _set(self, field: str) -> Filter:
        values: list[Scalar] = []
        while not self._take(")"):
            if values:
                self._need(",")
            values.append(self._value())
        return OneOf(field, tuple(values))

    def _range(self, field: str) -> Filter:
        low = None if self._next.text == ".." else self._number()
        self._need("..")
        high = self._number() if self._next.kind in _NUMERIC else None
        return Between(field, low, high)

    def _field(self) -> str:
        token = self._next
        if token.kind == "text":
            return _unquoted(self._step())
        if token.kind != "name" or token.text in _WORDS:
            raise self._expected("a field")
        return self._step().text

    def _value(self) -> Scalar:
        for word, value in (("true", True), ("false", False)):
            if self._take(word):
                return value
        if self._next.kind == "text":
            return _unquoted(self._step())
        if self._next.kind in _NUMERIC:
            return self._number()
        if self._next.kind == "name" and self._next.text not in _WORDS:
            return self._step().text
        raise self._expected("a value: a word, a string in double quotes, a number or a date")

    def _number(self) -> int | float:
        token = self._next
        if token.kind not in _NUMERIC:
            raise self._expected("a number or a date")
        try:
            number = _seconds(token.text) if token.kind == "date" else _number(token.text)
        except ValueError:
            wanted = "a date of the calendar" if token.kind == "date" else "a shorter number"
            raise self._expected(wanted) from None
        self._at += 1
        return number

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _step(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _take(self, text: str) -> bool:
        taken = self._next.kind in ("sign", "name") and self._next.text == text
        self._at += taken
        return taken

    def _calls(self, name: str) -> bool:
        called = self._take(name)
        if called:
            self._need("(")
        return called

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._expected(f"`{sign}`")

    def _expected(self, what: str) -> InvalidInput:
        token = self._next
        found = f"`{token.text[:20]}`" if token.text else "the end"
        return _error(f"expected {what}, found {found}", token.at)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while found := _TOKEN.match(text, at):
        kind: Kind = found.lastgroup  # type: ignore[assignment]  # the names of the groups
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        at = found.end()
    if rest := text[at:].lstrip():
        start = len(text) - len(rest)
        begins = f"nothing begins with `{rest[0]}`; other values stand in double quotes"
        what = "the string does not end" if rest[0] == '"' else begins
        raise _error(what, start)
    return [*tokens, _Token("end", "", len(text))]


def _unquoted(token: _Token) -> str:
    try:
        return str(json.loads(token.text, strict=False))
    except ValueError:
        raise _error("this is no JSON string", token.at) from None


def _number(text: str) -> int | float:
    if text in _NUMBERS:
        return _NUMBERS[text]
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _seconds(text: str) -> int:
    date = datetime.fromisoformat(text)
    return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())


def _compared(field: str, sign: str, bound: int | float) -> Filter:
    within = Between(field, bound) if sign[0] == ">" else Between(field, None, bound)
    return within if sign.endswith("=") else AllOf((within, Not(Eq(field, bound))))


def _error(what: str, at: int) -> InvalidInput:
    message = f"at character {at + 1}: {what}"
    return InvalidInput(f"the filter cannot be read {message}", fields={"filter": message})


def _write_part(part: Filter) -> str:
    compound = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    return f"({write(part)})" if compound else write(part)


def _write_between(wanted: Between) -> str:
    field = _write_field(wanted.field)
    low, high = ("" if b is None else _write_value(b) for b in (wanted.low, wanted.high))
    if low and not high:
        return f"{field} >= {low}"
    if high and not low:
        return f"{field} <= {high}"
    return f"{field} in {low} .. {high}"


def _write_field(field: str) -> str:
    found = _TOKEN.fullmatch(field)
    plain = found is not None and found["name"] == field and field not in _WORDS
    return field if plain else json.dumps(field)


def _write_value(value: Scalar) -> str:
    if isinstance(value, float) and (isinf(value) or isnan(value)):
        return repr(value)
    return json.dumps(value)
