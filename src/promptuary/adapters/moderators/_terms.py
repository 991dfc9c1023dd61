"""A list of words and phrases, and the first of them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, and the line of the file that it stands on, from 1."""

    words: tuple[str, ...]
    line: int


class Terms:
    """Terms of a policy file, found whole and without regard to case.

    Terms of scripts that set no spaces (Han, kana, Thai, Hangul) are found anywhere.
    """

    def __init__(self, text: str) -> None:
        self._by_first_word: dict[str, list[Term]] = {}
        self._unspaced: list[Term] = []
        for number, line in enumerate(text.splitlines(), 1):
            entry = line.partition("#")[0].strip().casefold()
            if UNSPACED.search(entry):
                self._unspaced.append(Term((entry,), number))
            elif words := tuple(WORD.findall(entry)):
                self._by_first_word.setdefault(words[0], []).append(Term(words, number))

    def first_in(self, text: str) -> Term | None:
        """The first term that the text contains, or None; linear in the length of the text."""
        folded = text.casefold()
        if self._by_first_word:
            words = WORD.findall(folded)
            for at, word in enumerate(words):
                for term in self._by_first_word.get(word, ()):
                    if tuple(words[at : at + len(term.words)]) == term.words:
                        return term
        return next((term for term in self._unspaced if term.words[0] in folded), None)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where each term stands, counted in characters of the text as it is."""
        found = list(WORD.finditer(text)) if self._by_first_word else []
        words = [match[0].casefold() for match in found]
        for at, word in enumerate(words):
            for term in self._by_first_word.get(word, ()):
                last = at + len(term.words)
                if tuple(words[at:last]) == term.words:
                    yield found[at].start(), found[last - 1].end()
        for term in self._unspaced:
            for match in re.finditer(re.escape(term.words[0]), text, re.IGNORECASE):
                yield match.span()
