"""A regular expression of a template that is tried on every prompt of the template.

Fixed text is itself, a slot a named group. Where a prompt has other words than the template (its
residual says where) the pattern takes any text. Each gap runs to the next fixed text and stays
there (an atomic group): a text that does not match costs one pass, never a search through all ways
to cut it. RE2 knows no atomic groups and needs none: it takes linear time on any pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, TypeAlias

from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import Hole, Parts, parse
from promptuary.domain.errors import Unsupported
from promptuary.domain.exporting import Member

ANY: Final = r"[\s\S]*?"
LONGEST: Final = 50_000
"""Characters of a pattern beyond which engines refuse it."""
LEAST: Final = (0, 4, 8, 16, 32)
"""So short may a fixed text beside a gap be, until a pattern matches every prompt."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A pattern that matches all of the prompts it was tried with; `filled` of them gave each slot
    the value that it has there."""

    pattern: str
    members: int
    filled: int


def python(text: str, members: Sequence[Member]) -> Tried:
    """For Python 3.11 and later, and other engines with atomic groups (PCRE, Java, .NET, Ruby).

    Raises Unsupported where only a pattern that tries all ways to cut a text matches every prompt.
    """
    pieces = _pieces(text, members)
    for least in LEAST:
        pattern = _checked("".join(_atomic(_thinned(pieces, least))))
        if tried := _tried(pattern, pattern, members):
            return tried
    raise Unsupported("no pattern without backtracking matches every prompt; the form re2 does")


def re2(text: str, members: Sequence[Member]) -> Tried:
    """For RE2, Go and Rust. It is tried with Python's engine, which takes it to mean the same."""
    inside = "".join(map(_plain, _pieces(text, members)))
    pattern = _checked(rf"\A{inside}\z")
    if tried := _tried(pattern, rf"\A{inside}\Z", members):
        return tried
    raise Unsupported("no pattern of this template matches every prompt of it")


@dataclass(frozen=True, slots=True)
class _Gap:
    """Any text; a value where it has a name."""

    name: str = ""


_Piece: TypeAlias = str | _Gap


def _pieces(text: str, members: Iterable[Member]) -> list[_Piece]:
    """Fixed text and gaps. A slot that comes again is a gap without a name."""
    parts = parse(text)
    odd, leading, trailing = _edited(parts, members)
    seen: set[str] = set()
    pieces: list[_Piece] = [_Gap()] if leading else []
    for part, edited in zip(parts, odd, strict=True):
        if isinstance(part, Hole):
            pieces.append(_Gap("" if part.name in seen else part.name))
            seen.add(part.name)
        else:
            pieces += _cut(part, edited)
    return _joined([*pieces, *([_Gap()] if trailing else [])])


def _edited(parts: Parts, members: Iterable[Member]) -> tuple[list[set[int]], bool, bool]:
    """At which characters of each part some prompt is otherwise; whether some prompt has more
    before the template, and behind it. What is put in beside a slot is taken for its value."""
    odd: list[set[int]] = [set() for _ in parts]
    leading = trailing = False
    for member in members:
        sizes = [len(p if isinstance(p, str) else member.slots.get(p.name, "")) for p in parts]
        ends = list(accumulate(sizes))
        for start, gone in residual.places(member.residual):
            leading |= start == 0 and not gone
            trailing |= start == sum(sizes) and not gone
            for number, (part, size, end) in enumerate(zip(parts, sizes, ends, strict=True)):
                begin = end - size
                if isinstance(part, str):
                    first = max(start, begin if gone else begin + 1)
                    last = min(start + max(gone, 1), end)
                    odd[number].update(range(first - begin, last - begin))
    return odd, leading, trailing


def _cut(literal: str, odd: set[int]) -> list[_Piece]:
    """The literal with a gap for each word that some prompt has otherwise."""
    words = re.finditer(r"\s*\S+|\s+", literal)
    return [_Gap() if odd.intersection(range(*word.span())) else word[0] for word in words]


def _thinned(pieces: Sequence[_Piece], least: int) -> list[_Piece]:
    """Without fixed texts shorter than that beside a gap without a name: the next one of their kind
    may be the wrong one to run to."""
    bare = _Gap()
    thinned: list[_Piece] = []
    for number, piece in enumerate(pieces):
        beside = (*pieces[max(0, number - 1) : number], *pieces[number + 1 : number + 2])
        short = isinstance(piece, str) and len(piece) < least
        thinned.append(bare if short and bare in beside else piece)
    return _joined(thinned)


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Fixed texts beside each other are one; of gaps beside each other one with a name stays."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        match last, piece:
            case str(), str():
                joined[-1] = last + piece
            case _Gap(), _Gap(name=""):
                pass
            case _Gap(name=""), _Gap():
                joined[-1] = piece
            case _:
                joined.append(piece)
    return joined


def _plain(piece: _Piece) -> str:
    if isinstance(piece, str):
        return _escaped(piece)
    return f"(?P<{piece.name}>{ANY})" if piece.name else f"(?:{ANY})"


def _atomic(pieces: Sequence[_Piece]) -> Iterable[str]:
    """Each gap with the fixed text it runs to, in a group that does not give back; the last one
    with the end of the text."""
    yield r"\A"
    held = ""
    for number, piece in enumerate(pieces):
        end = r"\Z" if number == len(pieces) - 1 else ""
        if isinstance(piece, str):
            yield f"(?>{held}{_escaped(piece)}{end})" if held else _escaped(piece)
            held = ""
        else:
            held += _plain(piece)
    yield f"{held}\\Z" if held or not pieces else r"\Z"


def _escaped(text: str) -> str:
    """As `re.escape` does, in what all engines read alike."""
    plain = re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)
    return plain.replace("\n", r"\n").replace("\r", r"\r").replace("\t", r"\t")


def _checked(pattern: str) -> str:
    if len(pattern) > LONGEST:
        raise Unsupported(f"the pattern would have {len(pattern):,} characters; engines refuse it")
    return pattern


def _tried(pattern: str, own: str, members: Sequence[Member]) -> Tried | None:
    """None where a prompt does not match."""
    compiled = re.compile(own)
    filled = 0
    for member in members:
        found = compiled.search(member.text)
        if found is None:
            return None
        values = found.groupdict()
        filled += all(values.get(name) == value for name, value in member.slots.items())
    return Tried(pattern, len(members), filled)
