"""A text cut where its author cut it: headings, paragraphs, lists, code; prose in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.library.refining.spans import spans

BlockKind: TypeAlias = Literal["heading", "code", "list", "prose"]

_WHOLE = frozenset({"quoted", "code", "url", "email", "slot"})
_FENCE = re.compile(r"[ \t]{0,12}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+\S|\*\*[^*\n]{1,80}\*\*:?[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+\S|[ \t]*\||[ \t]*>|    |\t")
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\b[A-Za-z]\.)(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)(?<!Dr\.)(?<!Mr\.)"
    r"(?<!Ms\.)(?<!No\.)(?<!approx\.)[ \t]+(?=[^\W\d_]|[\"“'«`\[{(¿¡<])"
    r"|(?<=[。！？])(?=[^\s」』）)])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, without the line break at their end. `apart` says that a blank
    line stands before them."""

    kind: BlockKind
    text: str
    apart: bool = True


def blocks(text: str) -> Iterator[Block]:
    """In order. A fence that nobody closed is closed, so that nothing after it becomes code."""
    held: list[str] = []
    apart = False
    for line, code in fenced(text):
        was_code = bool(held) and _FENCE.match(held[0]) is not None
        ends = code != was_code or (code and _whole(held)) or _stands_alone(line, code=code)
        if held and ends:
            yield _block(held, apart=apart)
            held, apart = [], False
        if not code and not line.strip():
            apart = True
        elif not code and _HEADING.match(line):
            yield Block("heading", line.rstrip(), apart)
            apart = False
        else:
            held.append(line)
    if held:
        yield _block(held, apart=apart)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph of prose, without the blanks between them.

    A point inside quotation marks, brackets or code ends nothing.
    """
    cuts = list(_SENTENCE.finditer(text))
    whole = [(s.start, s.end) for s in spans(text) if s.kind in _WHOLE] if cuts else []
    found: list[str] = []
    start = 0
    for cut in cuts:
        piece = text[start : cut.start()]
        if _balanced(piece) and not any(a < cut.start() < b for a, b in whole):
            found.append(piece)
            start = cut.end()
    return [*found, text[start:]]


def fenced(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a text, and of each whether it stands in code."""
    fence = ""
    for line in text.split("\n"):
        opens = _FENCE.match(line)
        if fence:
            yield line, True
            if _closes(line, fence):
                fence = ""
        else:
            fence = opens[1] if opens else ""
            yield line, bool(opens)


def _closes(line: str, fence: str) -> bool:
    said = line.strip()
    return said.startswith(fence) and not said.strip(fence[0])


def _stands_alone(line: str, *, code: bool) -> bool:
    return not code and (not line.strip() or _HEADING.match(line) is not None)


def _whole(held: Sequence[str]) -> bool:
    """Whether lines of code, if that is what they are, end with the fence they begin with."""
    opens = _FENCE.match(held[0]) if len(held) > 1 else None
    return opens is not None and _closes(held[-1], opens[1])


def _block(held: Sequence[str], *, apart: bool) -> Block:
    opens = _FENCE.match(held[0])
    if opens:
        closed = held if _whole(held) else [*held, opens[1]]
        return Block("code", "\n".join(closed), apart)
    listed = any(_ITEM.match(line) for line in held)
    return Block("list" if listed else "prose", "\n".join(held).rstrip(), apart)


def _balanced(piece: str) -> bool:
    """Whether every bracket that it opens is closed in it."""
    pairs = ("()", "[]", "{}")
    return all(piece.count(pair[0]) <= piece.count(pair[1]) for pair in pairs)
