"""A question while it is read: what has been explained is masked, what is left can still be read.

Text is folded character by character (lower case, no accents), so that every place in the folded
text is the same place in the question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptuary.domain.conversations import Noticed, Slot

MASK = "\0"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
_CODES: dict[Slot, str] = {
    "camera": "CAM",
    "label": "LAB",
    "person": "WHO",
    "zone": "ZONE",
    "time": "TIME",
    "confidence": "CONF",
    "rest": "ADJ",
    "unknown": "UNK",
    "reference": "REF",
    "operation": "OP",
}
_ONE = {"ı": "i", "ß": "s", "’": "'", "‘": "'", "`": "'", "ø": "o", "đ": "d", "ł": "l", "æ": "a"}


def fold(text: str) -> str:
    """Lower case without accents, one character for each of the text."""
    return "".join(map(_folded, text))


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character in _ONE:
        return _ONE[character]
    base = unicodedata.normalize("NFKD", character)[:1] or character
    return base.lower()[:1]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that nothing has explained yet, folded; its place in the question."""

    text: str
    start: int
    end: int


class Sheet:
    """One question on its way to a plan."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.folded = fold(question)
        self.left = self.folded
        self.noticed: list[Noticed] = []
        self.located: set[int] = set()
        """Where the words begin whose ending said that something was there."""
        self._read: tuple[str, list[Word]] = ("", [])

    def take(self, start: int, end: int, slot: Slot, meaning: str = "") -> Noticed:
        """These characters are explained."""
        found = Noticed(slot, self.question[start:end], start, end, meaning)
        self.noticed.append(found)
        self.hide(start, end)
        return found

    def hide(self, start: int, end: int) -> None:
        """Nobody needs to look at these characters again."""
        self.left = self.left[:start] + MASK * (end - start) + self.left[end:]

    def bare(self, word: Word, ending: str) -> None:
        """Leave the word without its ending, which said that something was there."""
        stem = word.end - len(ending)
        self.left = self.left[:stem] + " " * len(ending) + self.left[word.end :]
        self.located.add(word.start)

    def words(self) -> list[Word]:
        """What is left, in order."""
        if self._read[0] != self.left:
            found = [Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(self.left)]
            self._read = (self.left, found)
        return self._read[1]

    def marks(self, slot: Slot) -> list[Noticed]:
        """What was taken for that, in order of the question."""
        return sorted((e for e in self.noticed if e.slot == slot), key=lambda each: each.start)

    def skeleton(self) -> tuple[str, list[Word]]:
        """The question as words and codes (`how many LAB did the CAM see TIME`), and the word or
        place behind each of them."""
        items = sorted([*self.words(), *self._codes()], key=lambda each: each.start)
        return " ".join(each.text for each in items), items

    def _codes(self) -> Iterator[Word]:
        for each in self.noticed:
            yield Word(_CODES[each.slot], each.start, each.end)

    def place(self, match: re.Match[str], items: Sequence[Word]) -> tuple[int, int]:
        """Where in the question a match of the skeleton stands."""
        at, touched = 0, []
        for item in items:
            if match.start() < at + len(item.text) and at < match.end():
                touched.append(item)
            at += len(item.text) + 1
        return (touched[0].start, touched[-1].end) if touched else (0, 0)
