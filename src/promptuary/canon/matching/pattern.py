"""A template as the matcher sees it: runs of fixed words, and between them holes and separators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptuary.canon.templates.filling import Hole, Parts, parse
from promptuary.canon.tokens import tokenise


@dataclass(frozen=True, slots=True)
class Chunk:
    """Fixed words in a row. `text` runs from the first word's first to the last word's last
    character; `before` and `after` are the separators that stand around it in the template."""

    words: tuple[str, ...]
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Gaps and chunks take turns, a gap first and last; each gap but the outer two has a hole.

    The strings in a gap are separators: they hold no word that could be looked for, save words
    glued to a hole (`v{{version}}`), which are cut like separators. `opens` and `closes` tell
    whether the template begins and ends with fixed words.
    """

    gaps: tuple[Parts, ...]
    chunks: tuple[Chunk, ...]
    opens: bool
    closes: bool

    @property
    def words(self) -> Iterator[str]:
        """All fixed words in order."""
        return (word for chunk in self.chunks for word in chunk.words)


def compiled(text: str) -> Pattern:
    """The pattern of a template text."""
    parts = parse(text)
    gaps: list[list[str | Hole]] = [[]]
    chunks: list[Chunk] = []
    for at, part in enumerate(parts):
        chunk = None if isinstance(part, Hole) else _chunk(part, _beside(parts, at))
        if chunk is None:
            gaps[-1].append(part)
            continue
        gaps[-1].append(chunk.before)
        gaps.append([chunk.after])
        chunks.append(chunk)
    opens, closes = not _has_hole(gaps[0]), not _has_hole(gaps[-1])
    return Pattern(tuple(tuple(p for p in gap if p) for gap in gaps), tuple(chunks), opens, closes)


def _beside(parts: Sequence[str | Hole], at: int) -> tuple[bool, bool]:
    return at > 0, at + 1 < len(parts)


def _chunk(literal: str, hole_beside: tuple[bool, bool]) -> Chunk | None:
    tokens = tokenise(literal)
    first, last = 0, len(tokens.words)
    if hole_beside[0] and len(tokenise("a" + literal[:1]).words) == 1 and first < last:
        first += tokens.spans[0][0] == 0
    if hole_beside[1] and len(tokenise(literal[-1:] + "a").words) == 1 and first < last:
        last -= tokens.spans[-1][1] == len(literal)
    if first >= last:
        return None
    start, end = tokens.spans[first][0], tokens.spans[last - 1][1]
    return Chunk(tokens.words[first:last], literal[start:end], literal[:start], literal[end:])


def _has_hole(gap: Sequence[str | Hole]) -> bool:
    return any(isinstance(part, Hole) for part in gap)
