"""Any Python text, stored without loss in databases that accept only clean UTF-8 without NUL.

PostgreSQL takes neither NUL nor lone surrogates. Each of them, and the escape character itself, is
written as U+FDD0 followed by four hexadecimal digits of its code point; every other text is stored
as it is, so `content` reads as plain text in any client. U+FDD0 is a noncharacter: Unicode assigns
it to nobody, so it hardly ever occurs in text. Both databases use the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_ESCAPE = "\ufdd0"
_UNSAFE = re.compile("[\x00\ud800-\udfff\ufdd0]")
_ESCAPED = re.compile("\ufdd0([0-9a-f]{4})")

_dumped = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""`json.dumps` would make such an encoder for each value."""


def escaped(text: str) -> str:
    """The form that a database stores; the text itself unless it holds something unsafe."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSAFE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """The inverse of `escaped`: `unescaped(escaped(text)) == text` for every text."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def dumps(value: object) -> str:
    """JSON with every string escaped; raises ValueError for NaN and infinities."""
    if value == {}:
        return "{}"
    text = _dumped(value)
    # JSON writes NUL as \u0000, which jsonb refuses just like the character itself.
    if "\\u0000" in text or _UNSAFE.search(text):
        return _dumped(_each(value, escaped))
    return text


def loads(text: str) -> object:
    """The inverse of `dumps`."""
    value: object = json.loads(text)
    return _each(value, unescaped) if _ESCAPE in text else value


def _each(value: object, change: Callable[[str], str]) -> object:
    match value:
        case str():
            return change(value)
        case dict():
            return {change(key): _each(inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [_each(inner, change) for inner in value]
        case _:
            return value
