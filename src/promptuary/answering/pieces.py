"""A passage taken apart into what can be quoted: sentences, rows, list items, whole blocks of code.

Every piece keeps where it stands, so that a quote is the source's own characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["sentence", "row", "item", "code", "heading"]

LONGEST = 600
"""A longer sentence or item is cut at its semicolons, or at blanks where it has none."""

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_UNDERLINE = re.compile(r"\s{0,3}(=|-|~|\^|\*){3,}\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪·–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_RULE_ROW = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_NAMED = re.compile(r"[^\s;:][^;:]{0,80}: [^;]*(?:; [^\s;:][^;:]{0,80}: [^;]*)+$")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？｡]+[」』”’）]*|[।॥۔؟]+(?=\s|$)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘\[])(?:[A-Z]|[Mm]rs?|[Mm]s|[DdSsJj]r|[Pp]rof|[Ss]t|vs|etc|[Nn]o|[Ff]igs?|[Ee]q|"
    r"[Ss]ec|[Cc]h|pp?|[Vv]ol|[Ee]d|ca|cf|al|[Ii]nc|[Ll]td|[Cc]o|[Cc]orp|[Gg]en|[Cc]ol|[Cc]apt|"
    r"[Ll]t|[Ss]en|[Rr]ep|[Gg]ov|[Hh]on|[Rr]ev|[Aa]pprox|[Dd]ept|[Mm]t|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec|z|bzw|usw|[Bb]d|[Nn]r|e\.g|i\.e|z\.B|d\.h|u\.a|(?:[A-Za-z]\.)+[A-Za-z])$"
)
_CLAUSE = re.compile(r";\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters from `start` to `end` of a text, without blanks around them.

    `lead` is where that stands without which the piece is not understood: the header of a table's
    row, the sentence that introduces a list's item.
    """

    start: int
    end: int
    kind: Kind
    lead: tuple[int, int] | None = None


def pieces(text: str) -> list[Piece]:
    """The pieces of a text in order; they do not overlap, and leave out only marks, blanks and the
    header of a table, which its rows lead back to.

    Tables (Markdown's, or lines with tabs) give a piece a row, lists one an item, fenced code is
    one piece, and the rest is cut into sentences: at full stops that end one, whatever the script.
    """
    found: list[Piece] = []
    lines = list(_lines(text))
    at = 0
    while at < len(lines):
        at = _block(text, lines, at, found)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip()
        yield _Line(start, start + len(bare), bare)
        start += len(line)


def _block(text: str, lines: Sequence[_Line], at: int, found: list[Piece]) -> int:
    """Read the block that begins at that line; where the next begins."""
    line = lines[at]
    if not line.text.strip() or _UNDERLINE.match(line.text):
        return at + 1
    if fence := _FENCE.match(line.text):
        return _code(lines, at, fence[1], found)
    if _HEADING.match(line.text) or _underlined(lines, at):
        found.append(_trimmed(text, line.start, line.end, "heading"))
        return at + 1
    if _is_row(line.text):
        return _table(text, lines, at, found)
    if _ITEM.match(line.text):
        return _list(text, lines, at, found)
    return _paragraph(text, lines, at, found)


def _underlined(lines: Sequence[_Line], at: int) -> bool:
    """A heading in the manner of reStructuredText: a short line above a line of marks."""
    below = lines[at + 1].text if at + 1 < len(lines) else ""
    return bool(_UNDERLINE.match(below)) and len(lines[at].text) <= len(below) + 3


def _is_row(line: str) -> bool:
    """Cells between bars or tabs, or `name: value; name: value`."""
    if line.count("|") >= 2 or "\t" in line.strip() or " | " in line:
        return True
    return bool(_NAMED.match(line))


def _code(lines: Sequence[_Line], at: int, fence: str, found: list[Piece]) -> int:
    last = at + 1
    while last < len(lines) and not lines[last].text.strip().startswith(fence):
        last += 1
    inside = lines[at + 1 : last]
    if any(line.text for line in inside):
        full = [line for line in inside if line.text]
        lead = (found[-1].start, found[-1].end) if found and found[-1].kind == "sentence" else None
        found.append(Piece(full[0].start, full[-1].end, "code", lead))
    return last + 1


def _table(text: str, lines: Sequence[_Line], at: int, found: list[Piece]) -> int:
    first = lines[at]
    ruled = at + 1 < len(lines) and bool(_RULE_ROW.match(lines[at + 1].text))
    header = (first.start, first.end) if ruled or "\t" in first.text else None
    last = at
    while last < len(lines) and (_is_row(lines[last].text) or _RULE_ROW.match(lines[last].text)):
        last += 1
    rows = [line for line in lines[at:last] if not _RULE_ROW.match(line.text)]
    said = rows[1:] if ruled and len(rows) > 1 else rows  # names of columns alone say nothing
    for line in said:
        own = header if header and line is not first else None
        found.append(_trimmed(text, line.start, line.end, "row", own))
    return last


def _list(text: str, lines: Sequence[_Line], at: int, found: list[Piece]) -> int:
    lead = (found[-1].start, found[-1].end) if found and _introduces(text, found[-1]) else None
    last = at
    while last < len(lines) and _ITEM.match(lines[last].text):
        first = last
        last += 1
        while last < len(lines) and _continues(lines[last]):
            last += 1
        for start, end in _short(text, lines[first].start, lines[last - 1].end):
            found.append(_trimmed(text, start, end, "item", lead))
        after = last
        while after < len(lines) and not lines[after].text.strip():
            after += 1
        if after < len(lines) and after > last and _ITEM.match(lines[after].text):
            last = after
    return last


def _introduces(text: str, piece: Piece) -> bool:
    return piece.kind == "sentence" and text[piece.start : piece.end].rstrip("*_ ").endswith(":")


def _continues(line: _Line) -> bool:
    """Belongs to the list item above it."""
    stripped = line.text.strip()
    special = _ITEM.match(line.text) or _HEADING.match(line.text) or _FENCE.match(line.text)
    return bool(stripped) and not special and not _is_row(line.text)


def _paragraph(text: str, lines: Sequence[_Line], at: int, found: list[Piece]) -> int:
    last = at + 1
    while last < len(lines) and _continues(lines[last]) and not _underlined(lines, last):
        last += 1
    for start, end in _sentences(text, lines[at].start, lines[last - 1].end):
        found.extend(_trimmed(text, s, e, "sentence") for s, e in _short(text, start, end))
    return last


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begun = start
    for stop in _END.finditer(text, start, end):
        if stop.end() < end and _goes_on(text, begun, stop):
            continue
        yield begun, stop.end()
        begun = stop.end()
    if text[begun:end].strip():
        yield begun, end


def _goes_on(text: str, begun: int, stop: re.Match[str]) -> bool:
    """The stop belongs to an abbreviation, or small letters follow."""
    if stop[0][0] not in ".…":
        return text[stop.end() :].lstrip()[:1].islower() and stop[0][0] in "!?"
    if stop[0] == "." and _ABBREVIATION.search(text[max(begun, stop.start() - 24) : stop.start()]):
        return True
    follows = text[stop.end() : stop.end() + 80].lstrip("\"'“‘([ \t\r\n")
    return follows[:1].islower()


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span, cut where it is longer than LONGEST."""
    begun = start
    while end - begun > LONGEST:
        cuts = [cut.end() for cut in _CLAUSE.finditer(text, begun + LONGEST // 4, begun + LONGEST)]
        blank = text.rfind(" ", begun + LONGEST // 2, begun + LONGEST)
        cut = cuts[-1] if cuts else (blank + 1 if blank > 0 else begun + LONGEST)
        yield begun, cut
        begun = cut
    if text[begun:end].strip():
        yield begun, end


def _trimmed(
    text: str, start: int, end: int, kind: Kind, lead: tuple[int, int] | None = None
) -> Piece:
    inside = text[start:end]
    left = len(inside) - len(inside.lstrip())
    return Piece(start + left, start + len(inside.rstrip()), kind, lead)
