"""A question as ranking sees it: its words, what each may stand for, and how much each tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz.distance import OSA

from promptuary.ports.index import KnownWord
from promptuary.retrieval.function_words import content_words
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

MOST_WORDS = 64
"""Of a longer question the words that tell most are ranked by."""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the question: the terms it stands for, each with what a match counts, and its
    `weight`, the inverse document frequency of what it surely stands for."""

    typed: str
    terms: Mapping[str, float]
    weight: float


@dataclass(frozen=True, slots=True)
class Question:
    """The text, and the words of it that say something, in order."""

    text: str
    words: tuple[AskedWord, ...]


def read_question(text: str, known: Sequence[KnownWord], entries: int) -> Question:
    """The question to an index of so many entries that knows these of its words.

    Words of one stem are asked once. What a word was perhaps meant to be (a correction, a
    completion) counts only where the index does not know the word itself.
    """
    by_typed = {word.typed: word for word in known}
    by_stem: dict[str, AskedWord] = {}
    for term in content_words(list(dict.fromkeys(terms(text)))):
        word = by_typed.get(term) or KnownWord(term, {}, 0)
        by_stem.setdefault(stem(term), AskedWord(term, _surest(word), _idf(word.entries, entries)))
    telling = sorted(by_stem.values(), key=lambda word: -word.weight)[:MOST_WORDS]
    return Question(text, tuple(word for word in by_stem.values() if word in telling))


def _surest(word: KnownWord) -> Mapping[str, float]:
    base = stem(word.typed)
    sure = {term: 1.0 for term in word.terms if stem(term) == base}
    return sure or {term: _likeness(word.typed, term) for term in word.terms}


def _likeness(typed: str, term: str) -> float:
    """What a completion or a correction counts."""
    if term.startswith(typed):
        return 0.8
    distance = float(OSA.distance(typed, term))
    return max(0.1, 1 - 0.15 * distance - 0.5 * distance / len(typed))


def _idf(carried: int, entries: int) -> float:
    total = max(entries, carried)
    return log(1 + (total - carried + 0.5) / (carried + 0.5))
