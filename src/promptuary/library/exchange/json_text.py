"""JSON with the places where its parts stand, read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isinf
from typing import Final

from promptuary.domain.plain import Json
from promptuary.library.exchange.forms import Old
from promptuary.library.exchange.pieces import Cut

_SPACE: Final = " \t\n\r"


def _number(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_constant=_constant)


def loads(text: str) -> Json:
    """The value; a byte order mark before it is passed over. Raises ValueError, RecursionError."""
    return _DECODER.decode(text.removeprefix("\ufeff"))


def record(text: str) -> dict[str, Json]:
    """The object. Raises ValueError for anything else."""
    value = loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"an object was expected, not {type(value).__name__}")
    return value


def before(old: Old | None) -> dict[str, Json]:
    """The object as it stood; an empty one for a new piece."""
    return record(old.raw) if old else {}


def dumps(value: Json, *, indent: int | None = None) -> str:
    """JSON as people read it: no escapes but those that UTF-8 needs."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(value, indent=indent)
    return text


def listed(text: str, *keys: str) -> Cut:
    """Cut where the items of the list stand: the whole value, or that of the first of `keys` in an
    object. An object without any of them is one piece itself. Raises ValueError."""
    begin = _past(text, 1 if text.startswith("\ufeff") else 0)
    if begin == len(text):
        raise ValueError("it is empty")
    if text[begin : begin + 1] == "[":
        spans, end = _items(text, begin)
    else:
        loads(text[begin:])
        _, end = _DECODER.raw_decode(text, begin)
        lists = (s for k, s, _ in _members(text, begin) if k in keys and text[s] == "[")
        if (found := next(lists, None)) is None:
            return Cut.at(text, [(begin, end)])
        spans, _ = _items(text, found)
    if _past(text, end) != len(text):
        raise ValueError(f"something follows the end of the JSON (character {end:,})")
    return Cut.at(text, spans)


def nested(text: str, *path: str) -> Cut:
    """Cut where the items of lists in lists stand: with the path `a`, `b` those of `b` in each
    item of `a`. Documents may follow one another. Raises ValueError when there is none."""
    at = _past(text, 1 if text.startswith("\ufeff") else 0)
    if at == len(text):
        raise ValueError("it is empty")
    spans: list[tuple[int, int]] = []
    while at < len(text):
        _, end = _DECODER.raw_decode(text, at)
        spans += _nested(text, at, path)
        at = _past(text, end)
    return Cut.at(text, spans)


def _nested(text: str, begin: int, path: Sequence[str]) -> Iterator[tuple[int, int]]:
    for key, start, _ in _members(text, begin):
        if key == path[0] and text[start] == "[":
            for item, end in _items(text, start)[0]:
                if len(path) == 1:
                    yield item, end
                else:
                    yield from _nested(text, item, path[1:])


def _items(text: str, begin: int) -> tuple[list[tuple[int, int]], int]:
    """Where the items of the list that begins there stand, and its end."""
    spans: list[tuple[int, int]] = []
    at = _past(text, begin + 1)
    if text[at : at + 1] == "]":
        return spans, at + 1
    while True:
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end))
        at = _past(text, end)
        if text[at : at + 1] == "]":
            return spans, at + 1
        if text[at : at + 1] != ",":
            raise ValueError(f"a comma was expected at character {at:,}")
        at = _past(text, at + 1)


def _members(text: str, begin: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of each value of the object that begins there; it is known to be good."""
    if text[begin] != "{":
        return
    at = _past(text, begin + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _past(text, _past(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield key, start, end
        at = _past(text, end)
        if text[at] == ",":
            at = _past(text, at + 1)


def _past(text: str, at: int) -> int:
    """The first character from there on that is no white space."""
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def lines(text: str) -> Cut:
    """Cut where the lines that are not blank stand, without what ends them."""
    spans, at = [], 0
    for line in text.split("\n"):
        start = at + (1 if at == 0 and line.startswith("\ufeff") else 0)
        shown = text[start : at + len(line)]
        if shown.strip():
            spans.append((start, start + len(shown.rstrip("\r"))))
        at += len(line) + 1
    return Cut.at(text, spans)


def joined_list(pieces: Sequence[str], context: str = "") -> str:  # noqa: ARG001 - JSON needs none
    """A list of these items, indented."""
    inside = ",\n".join("  " + piece.replace("\n", "\n  ") for piece in pieces)
    return f"[\n{inside}\n]\n" if pieces else "[]\n"


def joined_lines(pieces: Sequence[str], context: str = "") -> str:  # noqa: ARG001 - needs none
    """One a line."""
    return "".join(f"{piece}\n" for piece in pieces)
