"""A file cut into the pieces that say prompts and the text between them.

Pieces and text between, put together again, are the file, byte for byte. That is how an export of
what was imported is the same file: a piece whose prompt did not change is given back as it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Cut:
    """A file's text: `pieces[i]` stands between `between[i]` and `between[i + 1]`. `context` is
    what a piece cannot be understood without, such as the names of columns."""

    pieces: tuple[str, ...]
    between: tuple[str, ...]
    context: str = ""

    @property
    def text(self) -> str:
        """The file again."""
        parts = zip(self.between, self.pieces, strict=False)
        return "".join([*(part for pair in parts for part in pair), self.between[-1]])

    @classmethod
    def at(cls, text: str, spans: Iterable[tuple[int, int]], context: str = "") -> Cut:
        """Cut where the spans (start, end) are, which are in order and do not overlap."""
        pieces, between, done = [], [], 0
        for start, end in spans:
            between.append(text[done:start])
            pieces.append(text[start:end])
            done = end
        return cls(tuple(pieces), (*between, text[done:]), context)


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece as it stood in its file: the `at`-th of `of`, `before` the text since the piece
    before it, `after` what follows the last one. `number` is the version it became."""

    file: str
    at: int
    of: int
    before: str
    raw: str
    after: str = ""
    number: int = 1
    context: str = ""


def kept(cut: Cut, wanted: Sequence[int]) -> tuple[Kept, ...]:
    """The wanted pieces; what stands between them, other pieces too, goes with the next of them."""
    chosen = set(wanted)
    file = sha256(cut.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    found: list[Kept] = []
    before = ""
    for index, piece in enumerate(cut.pieces):
        before += cut.between[index]
        if index in chosen:
            place = len(found)
            found.append(Kept(file, place, len(wanted), before, piece, context=cut.context))
            before = ""
        else:
            before += piece
    if found:
        found[-1] = replace(found[-1], after=before + cut.between[-1])
    return tuple(found)


def whole(placed: Sequence[tuple[Kept | None, str]]) -> str | None:
    """The file that these pieces, with their texts of today, make up; None unless they are exactly
    the pieces of one file."""
    known = [(each, text) for each, text in placed if each is not None]
    if not known or len(known) != len(placed):
        return None
    first = known[0][0]
    if {each.file for each, _ in known} != {first.file}:
        return None
    ordered = sorted(known, key=lambda pair: pair[0].at)
    if [each.at for each, _ in ordered] != list(range(first.of)):
        return None
    return "".join(each.before + text + each.after for each, text in ordered)
