"""Members of JSON objects, checked."""

from __future__ import annotations

from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text

NO_OBJECT = ("config", "is no JSON object and stays with the format alone")


def text(value: Json, name: str) -> str:
    """Text; nothing is empty text. Raises ValueError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {type(value).__name__}, not text")
    return value


def number(value: Json) -> int | None:
    """A version's number, given as a number or as digits; None without. Raises ValueError."""
    if value is None:
        return None
    digits = str(value)
    if isinstance(value, bool) or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{digits[:20]!r} is no version: 1, 2, 3 and so on")
    if not int(digits):
        raise ValueError("versions are counted from 1")
    return int(digits)


def names(value: Json, name: str) -> tuple[str, ...]:
    """A list of texts, each once; nothing is none. Raises ValueError."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{name} is no list of texts")
    return tuple(dict.fromkeys(value))


def config_of(value: Json) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A config as JSON text, and what cannot be mapped of it."""
    if isinstance(value, dict):
        return json_text.dumps(value), ()
    return "{}", () if value is None else (NO_OBJECT,)
