"""Which kept prompt a template of the traffic was made with: the one that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import PromptContent, PromptVersion
from promptuary.library.finding import Cut
from promptuary.library.syntaxes import fstring

SAYS_AS_MUCH: Final = 0.5
"""A version explains a template only if it says at least that share of the template's words: what
is hardly more than a slot would explain everything."""
HOLE: Final = "\0"
_BRACES: Final = re.compile(r"\{\{\{.*?\}\}\}|\{\{.*?\}\}", re.DOTALL)
_LOGIC: Final = {"jinja": re.compile(r"\{%"), "mustache": re.compile(r"\{\{\s*[#^]")}
_COMMENTS: Final = {
    "jinja": re.compile(r"\{#.*?#\}", re.DOTALL),
    "mustache": re.compile(r"\{\{\s*!.*?\}\}", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a version of that prompt says around its slots, where anything may stand."""

    slug: str
    pieces: tuple[str, ...]
    words: int

    def fits(self, said: str) -> bool:
        """Whether that text may have been made with it (a glob, matched from left to right)."""
        first, *middle = self.pieces
        if not middle:
            return said == first
        last = middle.pop()
        at, end = len(first), len(said) - len(last)
        if at > end or not said.startswith(first) or not said.endswith(last):
            return False
        for piece in middle:
            found = said.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True


class Explaining:
    """Kept versions by what they say. A version with conditions or loops is left out: what it says
    cannot be told from its text."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._shapes: dict[str, list[Shape]] = {}
        self._said: dict[str, set[str]] = {}

    def add(self, slug: str, version: PromptVersion) -> None:
        """A version that may explain templates."""
        for pieces in _texts(version.content):
            self._said.setdefault(HOLE.join(pieces), set()).add(slug)
            if words := list(_whole_words(pieces)):
                shape = Shape(slug, pieces, len(words))
                self._shapes.setdefault(max(words, key=len), []).append(shape)

    def saying(self, template: str) -> set[str]:
        """The prompts of which a version says just that, with slots in the same places."""
        return self._said.get(self._holed(template), set())

    def explaining(self, template: str) -> set[str]:
        """The prompts of which a version may have made all that the template stands for."""
        said = self._holed(template)
        words = [word for word in said.split() if HOLE not in word]
        return {
            shape.slug
            for word in dict.fromkeys(words)
            for shape in self._shapes.get(word, ())
            if shape.words >= SAYS_AS_MUCH * len(words) and shape.fits(said)
        }

    def _holed(self, template: str) -> str:
        return _spaced("".join(p if isinstance(p, str) else HOLE for p in self._cut(template)))


def _texts(content: PromptContent) -> Iterator[tuple[str, ...]]:
    """The pieces of each text that may be sent by itself: the prompt, or a turn of it."""
    for text in [content.text, *(turn.content for turn in content.turns)]:
        if text.strip() and (pieces := _pieces(text, content.syntax)) is not None:
            yield pieces


def _pieces(text: str, syntax: str) -> tuple[str, ...] | None:
    if syntax == "plain":
        return (_spaced(text),)
    if syntax == "fstring":
        try:
            parts = fstring.compiled(text).parts
        except InvalidInput:
            return None
        marked = "".join(literal + (HOLE if name else "") for literal, name in parts)
    else:
        if _LOGIC[syntax].search(text):
            return None
        marked = _BRACES.sub(HOLE, _COMMENTS[syntax].sub("", text))
    return tuple(_spaced(marked).split(HOLE))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _whole_words(pieces: Sequence[str]) -> Iterator[str]:
    """Words that no slot goes on."""
    for word in HOLE.join(pieces).split():
        if HOLE not in word:
            yield word
