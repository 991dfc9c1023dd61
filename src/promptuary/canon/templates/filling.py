"""The text form of a template, and how it is filled.

A slot is written `{{name}}`, a name being `[a-z_][a-z0-9_]*`. Everything else is literal, braces
included, so that templates full of JSON stay readable. A literal that would read as a slot has a
backslash before it; only backslashes that stand directly before `{{name}}` are doubled.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from promptuary.domain.errors import InvalidInput

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_SLOT = re.compile(r"\{\{([a-z_][a-z0-9_]*)\}\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a template that a value fills."""

    name: str


Parts: TypeAlias = tuple[str | Hole, ...]


def parse(text: str) -> Parts:
    """Literals and holes of a template text; literals are neither empty nor next to each other."""
    return _joined(_scan(text))


def format(parts: Iterable[str | Hole]) -> str:  # noqa: A001 - the counterpart of `parse`
    """The template text that parses to `parts`. Raises InvalidInput for a name no slot can have."""
    return "".join(_written(_joined(parts)))


def fill(text: str, slots: Mapping[str, str]) -> str:
    """The template text with its slots' values; a slot without a value is left empty."""
    return "".join(
        part if isinstance(part, str) else slots.get(part.name, "") for part in parse(text)
    )


def rename(text: str, names: Mapping[str, str]) -> str:
    """The template text with its holes renamed; holes that `names` leaves out keep their name."""
    return format(
        part if isinstance(part, str) else Hole(names.get(part.name, part.name))
        for part in parse(text)
    )


def from_braces(text: str) -> Parts:
    """Parts of a text in the syntax of `str.format`: `{name}`, literal braces doubled.

    Raises InvalidInput where the braces do not balance or a name is no slot name.
    """
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise InvalidInput(f"not a format string: {error}") from error
    parts: list[str | Hole] = []
    for literal, name, _, _ in found:
        parts += [literal] if name is None else [literal, Hole(_checked(name))]
    return _joined(parts)


def holes(text: str) -> tuple[str, ...]:
    """Names of a template text's slots in the order of their first appearance."""
    return tuple(dict.fromkeys(part.name for part in parse(text) if isinstance(part, Hole)))


def _scan(text: str) -> Iterator[str | Hole]:
    done = 0
    for found in _SLOT.finditer(text):
        before = text[done : found.start()]
        bare = before.rstrip("\\")
        slashes = len(before) - len(bare)
        yield bare + "\\" * (slashes // 2)
        yield found[0] if slashes % 2 else Hole(found[1])
        done = found.end()
    yield text[done:]


def _written(parts: Parts) -> Iterator[str]:
    for at, part in enumerate(parts):
        if isinstance(part, Hole):
            yield "{{" + _checked(part.name) + "}}"
            continue
        done = 0
        for found in _SLOT.finditer(part):
            yield _doubled(part[done : found.start()]) + "\\" + found[0]
            done = found.end()
        rest = part[done:]
        yield _doubled(rest) if at + 1 < len(parts) else rest


def _doubled(before_slot: str) -> str:
    return before_slot + "\\" * (len(before_slot) - len(before_slot.rstrip("\\")))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is no slot name: use small letters, digits and underscores")
    return name


def _joined(parts: Iterable[str | Hole]) -> Parts:
    joined: list[str | Hole] = []
    run: list[str] = []
    for part in parts:
        if isinstance(part, str):
            run.append(part)
            continue
        joined += ["".join(run), part]
        run = []
    joined.append("".join(run))
    return tuple(part for part in joined if part)
