"""Values for slots: checked against what was declared, and turned into plain data.

No message tells a value: it may be sensitive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import DeclaredSlot
from promptuary.domain.templates import SlotType
from promptuary.library.syntaxes.compiled import LARGEST, Value

DEEPEST: Final = 20
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
_MARKER = re.compile(
    r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|^\s*#{0,4}\s*(?:system|assistant|user|human)\s*:",
    re.IGNORECASE | re.MULTILINE,
)


def checked_values(
    slots: Sequence[DeclaredSlot], names: Sequence[str], given: Mapping[str, Value]
) -> dict[str, Value]:
    """A value for each declared slot and each other name in the text, which is a text that must be
    given. Raises InvalidInput that names every slot at fault, TooLarge."""
    known = {slot.name: slot for slot in slots}
    for name in names:
        known.setdefault(name, DeclaredSlot(name))
    faults = {name: "is no slot of this prompt" for name in given if name not in known}
    made: dict[str, Value] = {}
    for name, slot in known.items():
        try:
            made[name] = _filled(slot, given.get(name))
        except ValueError as fault:
            faults[name] = str(fault)
    if faults:
        told = "; ".join(f"{name[:40]} {what}" for name, what in list(faults.items())[:5])
        raise InvalidInput(f"the prompt cannot be filled: {told}", fields=faults)
    if sum(map(_size, made.values())) > LARGEST:
        raise TooLarge(f"the values of a prompt have at most {LARGEST:,} characters together")
    return made


def marked(values: Mapping[str, Value]) -> Iterator[str]:
    """The slots whose values read like markers of roles. They stay what they are, data of one turn;
    but a model that takes one long text may be led astray."""
    for name, value in values.items():
        if any(map(_MARKER.search, _texts(value))):
            yield name


def _filled(slot: DeclaredSlot, given: Value) -> Value:
    """Raises ValueError that says what the value must be."""
    value = slot.default if given is None else given
    if value is None or value == "":
        if slot.required and given is None:
            raise ValueError("must be given")
        return ""
    if _depth(value) > DEEPEST:
        raise ValueError(f"is nested more than {DEEPEST} deep")
    if slot.choices and value not in slot.choices:
        raise ValueError(f"must be one of {', '.join(slot.choices[:20])}"[:300])
    return CHECKS.get(slot.type, _any)(slot, value)


def _any(_: DeclaredSlot, value: Value) -> Value:
    return value


def _number(slot: DeclaredSlot, value: Value) -> Value:
    if isinstance(value, bool | list | dict):
        raise ValueError("must be a number")
    try:
        number = float(str(value).strip())
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    if slot.minimum is not None and number < slot.minimum:
        raise ValueError(f"must be at least {slot.minimum:g}")
    if slot.maximum is not None and number > slot.maximum:
        raise ValueError(f"must be at most {slot.maximum:g}")
    if isinstance(value, str):  # as a number only where it is written the same again
        whole = int(number) if number.is_integer() and abs(number) < 1e15 else number
        return whole if str(whole) == value else value
    return value


def _line(what: str, longest: int = 500) -> Callable[[DeclaredSlot, Value], Value]:
    def check(_: DeclaredSlot, value: Value) -> Value:
        text = _text(value, what)
        if len(text) > longest or "\n" in text or "\r" in text:
            raise ValueError(f"must be {what} on one line, of at most {longest} characters")
        return value

    return check


def _shaped(what: str, shape: re.Pattern[str]) -> Callable[[DeclaredSlot, Value], Value]:
    def check(_: DeclaredSlot, value: Value) -> Value:
        if not shape.fullmatch(_text(value, what).strip()):
            raise ValueError(f"must be {what}")
        return value

    return check


def _json(_: DeclaredSlot, value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("must be JSON") from None
    return value


CHECKS: Final[Mapping[SlotType, Callable[[DeclaredSlot, Value], Value]]] = {
    "number": _number,
    "date": _line("a date", 100),
    "language": _line("a language", 100),
    "name": _line("a name"),
    "path": _line("a path", 4096),
    "email": _shaped("an email address", _EMAIL),
    "url": _shaped("a URL", _URL),
    "json": _json,
}
"""What a value must be; of the types that are not named here, anything."""


def _text(value: Value, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be {what}")
    return value


def _depth(value: Value, at: int = 0) -> int:
    if at > DEEPEST or not isinstance(value, list | dict):
        return at
    inside = value.values() if isinstance(value, dict) else value
    return max((_depth(each, at + 1) for each in inside), default=at)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)


def _size(value: Value) -> int:
    return sum(map(len, _texts(value))) if isinstance(value, list | dict) else len(str(value))
