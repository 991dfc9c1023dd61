"""What a word is, for searching: the one tokeniser behind every index and every highlight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from unicodedata import normalize

T = TypeVar("T")

MAX_LETTERS = 64
"""A longer run of letters (a hash, a base64 blob) is known by its first MAX_LETTERS."""

_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer: no spaces either
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u3190-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts written without spaces between words: each letter stands alone."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u0900-\u0903\u093a-\u094f\u0951-\u0957"
    "\u0962\u0963\u0980-\u0983\u09bc-\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd"
    "\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83"
    "\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d57\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
"""Marks that combine with the letter before them and so belong to its word."""

_ASCII_WORD = re.compile("[a-z0-9]+")
_TYPOGRAPHY = re.compile(
    "[\u00a0\u00a7\u00ab\u00b0\u00b7\u00bb\u00d7\u2010-\u2027\u2030-\u205e\u20ac\u2190-\u23ff"
    "\u2500-\u2775\u2794-\u27bf\ufe0f\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff]"
)
"""Quotation marks, dashes, arrows, emoji: all that is not ASCII of most texts in English. None of
them is of a word."""
_WORD = re.compile(rf"[{_ALONE}]|(?:[^\W_{_ALONE}][{_MARKS}]*)+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: how it is known (`term`) and where it stands, `text[start:end]`."""

    term: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """The words of a text in order: runs of letters and digits; CJK and the like letter by letter.

    A term is compatibility-composed (NFKC) and case-folded, so "Straße" and "STRASSE" are one.
    Underscores and all punctuation separate words.
    """
    for found in _WORD.finditer(text):
        yield Word(term_of(found[0]), found.start(), found.end())


class Beginnings:
    """Words that begin with one of some letters."""

    def __init__(self, letters: Iterable[str]) -> None:
        """`letters` are first letters of terms."""
        self._letters = frozenset(letters)
        simple = "".join(sorted(each for each in self._letters if _ASCII_WORD.fullmatch(each)))
        # The letter is looked for first, which is quick, and then what stands before it.
        pattern = rf"[{simple}](?<![a-z0-9].)[a-z0-9]*"
        self._pattern = re.compile(pattern) if simple else None

    def words(self, text: str, told: Mapping[str, T | None]) -> Iterator[tuple[Word, T]]:
        """Those of a text of whose terms something is told, in order, each with what that is."""
        if (simple := _simple(text)) is None:
            for found in _WORD.finditer(text):
                term = term_of(found[0])
                if term[0] in self._letters and (said := told[term]) is not None:
                    yield Word(term, found.start(), found.end()), said
        elif self._pattern is not None:
            # Most words are no match: what stands where is written down of those alone that are.
            for found in self._pattern.finditer(simple):
                if (said := told[found[0][:MAX_LETTERS]]) is not None:
                    yield Word(found[0][:MAX_LETTERS], found.start(), found.end()), said


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as they stand there."""
    if (simple := _simple(text)) is not None:
        found: list[str] = _ASCII_WORD.findall(simple)
        longest = max(map(len, found), default=0)
        return found if longest <= MAX_LETTERS else [word[:MAX_LETTERS] for word in found]
    runs: list[str] = _WORD.findall(text)
    return [run[:MAX_LETTERS].lower() if run.isascii() else term_of(run) for run in runs]


def _simple(text: str) -> str | None:
    """The text as long as it is, of which each run of ASCII letters and digits is a term; in it
    words are found in a tenth of the time. None where it has letters of other scripts."""
    if not text.isascii():
        text = _TYPOGRAPHY.sub(" ", text)
    return text.lower() if text.isascii() else None


def term_of(word: str) -> str:
    """How one word is known; at most MAX_LETTERS long."""
    if word.isascii():
        return word[:MAX_LETTERS].lower()
    return normalize("NFKC", word).casefold()[:MAX_LETTERS]
