"""Semantic versions of a template, and how two texts of it differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq, Levenshtein

from promptuary.canon.templates.filling import Hole, holes, parse
from promptuary.canon.tokens import tokenise
from promptuary.domain.templates import EventType, Template

FIRST = "1.0.0"
MEANING = 0.5  # of the fixed words in common: below, a template says something else

_PIECES = re.compile(r"\w+|[^\w\s]|\s+")


@dataclass(frozen=True, slots=True)
class Change:
    """The next version of a template, why, and what kinds of change lead to it."""

    version: str
    reason: str
    kinds: tuple[EventType, ...]
    slots_added: tuple[str, ...] = ()
    slots_removed: tuple[str, ...] = ()


def next_version(old: Template | None, text: str) -> Change | None:
    """What `text` is after `old`: wording is a patch, slots are a minor, meaning a major change.

    None when nothing changed; `1.0.0` when there was nothing before.
    """
    if old is None:
        return Change(FIRST, "first seen", ("CREATED",), holes(text))
    if parse(old.text) == parse(text):
        return None
    added = tuple(name for name in holes(text) if name not in holes(old.text))
    removed = tuple(name for name in holes(old.text) if name not in holes(text))
    kept = likeness(old.text, text)
    said = "; ".join(_said(old.text, text, added, removed))
    kinds: list[EventType] = ["SLOT_ADDED"] if added else []
    kinds += ["SLOT_REMOVED"] if removed else []
    part = 0 if kept < MEANING else 1 if kinds else 2
    if not kinds or kept < 1:
        kinds.append("UPDATED")
    return Change(_raised(old.version, part), said, tuple(kinds), added, removed)


def diff(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Word diff of two template texts: `=` kept, `-` only in the old, `+` only in the new.

    The texts of `=` and `-` join to the old text, those of `=` and `+` to the new one.
    """
    a, b = _pieces(old), _pieces(new)
    lines: list[tuple[str, str]] = []
    for step in Levenshtein.opcodes(a, b):
        gone, come = a[step.src_start : step.src_end], b[step.dest_start : step.dest_end]
        if step.tag == "equal":
            lines.append(("=", "".join(gone)))
            continue
        lines += [("-", "".join(gone))] if gone else []
        lines += [("+", "".join(come))] if come else []
    return tuple(_settled(lines))


def likeness(old: str, new: str) -> float:
    """Share of the fixed words of two template texts that they have in common, in order."""
    a, b = fixed_words(old), fixed_words(new)
    if not a and not b:
        return 1.0
    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b))


def fixed_words(text: str) -> list[str]:
    """The words of a template text outside its slots, case folded."""
    literals = (part for part in parse(text) if isinstance(part, str))
    return [word for literal in literals for word in tokenise(literal).words]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for part in parse(text):
        pieces += ["{{" + part.name + "}}"] if isinstance(part, Hole) else _PIECES.findall(part)
    return pieces


def _settled(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbouring changes as one removal and one addition; a blank between changes joins them."""
    gone, come = "", ""
    for at, (sign, text) in enumerate(lines):
        lone_blank = sign == "=" and text.isspace() and (gone or come) and at + 1 < len(lines)
        if sign == "=" and not lone_blank:
            yield from _changed(gone, come)
            gone = come = ""
            yield sign, text
            continue
        gone += text if sign != "+" else ""
        come += text if sign != "-" else ""
    yield from _changed(gone, come)


def _changed(gone: str, come: str) -> Iterator[tuple[str, str]]:
    if gone:
        yield "-", gone
    if come:
        yield "+", come


def _said(old: str, new: str, added: Iterable[str], removed: Iterable[str]) -> Iterator[str]:
    for verb, names in (("added", list(added)), ("removed", list(removed))):
        if names:
            slots = ", ".join(f"`{name}`" for name in names)
            yield f"slot{'s' if len(names) > 1 else ''} {slots} {verb}"
    a, b = fixed_words(old), fixed_words(new)
    changed = Levenshtein.distance(a, b)
    if changed:
        yield f"{changed} fixed word{'s' if changed > 1 else ''} changed"
    elif len(holes(old)) == len(holes(new)) and not list(added):
        yield "punctuation, case or white space changed"


def _raised(version: str, part: int) -> str:
    numbers = [int(number) for number in version.split(".")]
    return ".".join(str(n + (at == part) if at <= part else 0) for at, n in enumerate(numbers))
