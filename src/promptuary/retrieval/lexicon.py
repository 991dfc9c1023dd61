"""The terms of an index, how rare each is, and which of them a typed word may stand for.

Scores are BM25F in its simple form: each field is scored by BM25 (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009) and fields are added with their boosts.
A word is as rare as in the field where it is commonest: few titles have a word that many texts
have. Two things are our own choice, so that every engine gives the same score for the same entries:
lengths are compared with TYPICAL_LENGTH instead of the collection's average, and the terms that a
typed word stands for share the rarity of the commonest of them (as Lucene's blended fuzzy queries
do), so that a rare misspelling never counts for more than the word itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from promptuary.domain.errors import InvalidInput
from promptuary.ports.index import KnownWord, WordQuery
from promptuary.retrieval.spelling import has_digit, typos_allowed
from promptuary.retrieval.stems import forms
from promptuary.retrieval.words import MAX_LETTERS, terms

K1 = 1.2
B = 0.75
TYPICAL_LENGTH = 64
MAX_FIELDS = 64
MAX_COMPLETIONS = 64
"""An unfinished word stands for at most that many terms, the commonest first."""
MAX_CORRECTIONS = 32
"""A word stands for at most that many misspellings, the nearest first, then the commonest."""

PHRASE_CANDIDATES = 10_000
"""A phrase is looked for in so many entries at least, those that its words find best."""

Dimensions: TypeAlias = NDArray[np.int64]
Words: TypeAlias = Mapping[str, Counter[str]]
"""How often each term stands in each text field of an entry."""

FORM = 0.7
"""What another form of a word counts in an index, which adds what it finds of each form."""

_COMPLETED = 0.8
_CORRECTED = {1: 0.5, 2: 0.25}
"""What a match counts beside an exact one, by how the term differs from the typed word."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A typed word and the terms it stands for, each with what a match counts (1 if exact)."""

    typed: str
    terms: Mapping[str, float]


def counted_terms(texts: Mapping[str, str]) -> Words:
    """The words of an entry's texts."""
    return {field: Counter(terms(text)) for field, text in texts.items()}


class Lexicon:
    """Terms and text fields by number, and in how many entries each term stands in each field.

    A dimension is `term number * MAX_FIELDS + field number`: what an engine stores of an entry is
    a sparse vector over dimensions. Numbers are given in order of arrival and never change.
    """

    def __init__(self) -> None:
        self.entries = 0
        """How many entries have a word."""
        self.fields: list[str] = []
        self.terms: list[str] = []
        self._numbers: dict[str, int] = {}
        self._alike: dict[str, dict[int, list[str]]] = {}
        """The terms by their first letter and how long they are."""
        self._counts: NDArray[np.int32] = np.zeros((0, 0), dtype=np.int32)
        self._answered: tuple[WordQuery, list[Meant]] | None = None

    def learn(self, terms: Iterable[str], fields: Iterable[str]) -> None:
        """Give numbers to what has none yet; raises InvalidInput past MAX_FIELDS text fields."""
        self._answered = None
        new = [field for field in dict.fromkeys(fields) if field not in self.fields]
        if len(self.fields) + len(new) > MAX_FIELDS:
            raise InvalidInput(f"an index holds at most {MAX_FIELDS} different text fields")
        self.fields.extend(new)
        for term in terms:
            if term not in self._numbers:
                self._numbers[term] = len(self.terms)
                self.terms.append(term)
                by_length = self._alike.setdefault(term[0], {})
                by_length.setdefault(len(term), []).append(term)

    def unlearn(self, terms: Sequence[str], fields: Sequence[str]) -> None:
        """Take back what was learnt last, and stands in no entry."""
        self._answered = None
        del self.terms[len(self.terms) - len(terms) :]
        del self.fields[len(self.fields) - len(fields) :]
        for term in terms:
            del self._numbers[term]
            self._alike[term[0]][len(term)].remove(term)

    def unknown(self, entries: Iterable[Words]) -> tuple[list[str], list[str]]:
        """The terms and the fields of these entries that have no number yet, in order of
        arrival."""
        new_terms: dict[str, None] = {}
        new_fields: dict[str, None] = {}
        for fields in entries:
            for field, counts in fields.items():
                if field not in self.fields:
                    new_fields[field] = None
                new_terms.update((term, None) for term in counts if term not in self._numbers)
        return list(new_terms), list(new_fields)

    def weigh(self, words: Words) -> dict[int, float]:
        """An entry's words as a sparse vector: BM25's part that depends on the entry alone.

        Every term and field must have been learnt.
        """
        weights: dict[int, float] = {}
        for field, counts in words.items():
            room = K1 * (1 - B + B * counts.total() / TYPICAL_LENGTH)
            slot = self.fields.index(field)
            for term, count in counts.items():
                number = self._numbers[term] * MAX_FIELDS + slot
                weights[number] = count * (K1 + 1) / (count + room)
        return weights

    def count(self, entries: int, dimensions: Dimensions, changes: Dimensions) -> None:
        """Note that so many more entries (fewer, if negative) have words, and by how much that
        changes in how many of them each of these different dimensions stands."""
        self._answered = None
        self.entries = max(0, self.entries + entries)
        if dimensions.size:
            self._make_room()
            rows, slots = np.divmod(dimensions, MAX_FIELDS)
            self._counts[rows, slots] = np.maximum(self._counts[rows, slots] + changes, 0)

    def meant(self, query: WordQuery) -> list[Meant]:
        """What each typed word stands for; words that stand for nothing known are kept, empty."""
        if self._answered is None or self._answered[0] != query:
            self._answered = query, self._meant(query)
        return self._answered[1]

    def _meant(self, query: WordQuery) -> list[Meant]:
        typed = list(dict.fromkeys(terms(query.text))) if not query.phrase else terms(query.text)
        last = len(typed) - 1
        return [
            Meant(word, self._expand(word, query, prefix=query.prefix and at == last))
            for at, word in enumerate(typed)
        ]

    def known(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """What each typed word stands for, and in how many entries the commonest of it stands."""
        return tuple(
            KnownWord(word.typed, word.terms, self._standing(word)) for word in self.meant(query)
        )

    def ask(self, meant: Sequence[Meant], boosts: Mapping[str, float]) -> dict[int, float]:
        """A query as a sparse vector: its product with an entry's is the score."""
        weights: dict[int, float] = {}
        rarities = [self._rarity(self._standing(word)) for word in meant]
        for slot, field in enumerate(self.fields):
            boost = boosts.get(field, 1.0)
            if boost <= 0:
                continue
            for word, rarity in zip(meant, rarities, strict=True):
                for term, share in word.terms.items():
                    if self._carried(term, slot):
                        number = self._numbers[term] * MAX_FIELDS + slot
                        weights[number] = weights.get(number, 0.0) + boost * rarity * share
        return weights

    def standing(self, word: Meant) -> int:
        """An upper bound of how many entries have one of the terms that the word stands for."""
        return sum(self._total(term) for term in word.terms)

    def counted(self) -> tuple[Dimensions, Dimensions]:
        """Every dimension that stands in an entry, and in how many."""
        numbers, slots = np.nonzero(self._counts)
        return numbers * MAX_FIELDS + slots, self._counts[numbers, slots].astype(np.int64)

    def _expand(self, word: str, query: WordQuery, *, prefix: bool) -> dict[str, float]:
        known = self._alike.get(word[0], {})
        alike = (word, *forms(word)) if query.forms else (word,)
        shares = {term: 1.0 if term == word else FORM for term in alike if term in self._numbers}
        if query.forms and any(self._total(term) for term in shares):
            return shares
        if prefix:
            longer = [
                term
                for length, some in known.items()
                if length > len(word)
                for term in some
                if term.startswith(word) and term not in shares
            ]
            for term in self._commonest(longer)[:MAX_COMPLETIONS]:
                shares[term] = _COMPLETED
        if query.typos and (allowed := typos_allowed(word)):
            lengths = range(len(word) - allowed, len(word) + allowed + 1)
            close = [term for length in lengths for term in known.get(length, ())]
            near = extract(word, close, scorer=OSA.distance, score_cutoff=allowed, limit=None)
            by_distance: dict[int, list[str]] = {1: [], 2: []}
            for term, distance, _ in near:
                if distance and not has_digit(term):
                    by_distance[int(distance)].append(term)
            nearest = [(t, d) for d, found in by_distance.items() for t in self._commonest(found)]
            for term, distance in nearest[:MAX_CORRECTIONS]:
                shares.setdefault(term, _CORRECTED[distance])
        return shares

    def _commonest(self, terms: list[str]) -> list[str]:
        """Those that still stand in an entry, by falling count, then by term."""
        numbers = np.fromiter((self._numbers[term] for term in terms), np.intp, len(terms))
        counted = numbers < len(self._counts)
        totals = np.zeros(len(terms), dtype=np.int64)
        totals[counted] = self._counts[numbers[counted]].sum(axis=1)
        standing = zip(totals.tolist(), terms, strict=True)
        return [term for total, term in sorted((-total, t) for total, t in standing if total)]

    def _total(self, term: str) -> int:
        number = self._numbers[term]
        return int(self._counts[number].sum()) if number < len(self._counts) else 0

    def _standing(self, word: Meant) -> int:
        """In how many entries the commonest of its terms stands."""
        return max((self._most(term) for term in word.terms), default=0)

    def _most(self, term: str) -> int:
        """In how many entries it stands in one field, at the most."""
        number = self._numbers[term]
        return int(self._counts[number].max(initial=0)) if number < len(self._counts) else 0

    def _carried(self, term: str, slot: int) -> int:
        number = self._numbers[term]
        rows, columns = self._counts.shape
        return int(self._counts[number, slot]) if number < rows and slot < columns else 0

    def _rarity(self, carried: int) -> float:
        entries = max(self.entries, carried)
        return log(1 + (entries - carried + 0.5) / (carried + 0.5))

    def _make_room(self) -> None:
        rows, columns = self._counts.shape
        if rows < len(self.terms) or columns < len(self.fields):
            grown = np.zeros((len(self.terms) * 5 // 4 + 64, len(self.fields)), dtype=np.int32)
            grown[:rows, :columns] = self._counts
            self._counts = grown


class Phrase:
    """Words that must stand side by side in order, each as one of the terms that it stands for."""

    def __init__(self, meant: Sequence[Meant]) -> None:
        """`meant` is what `Lexicon.meant` made of the phrase."""
        self._meant = meant
        self._pattern = _pattern(meant)

    def stands_in(self, texts: Mapping[str, str], boosts: Mapping[str, float]) -> bool:
        """Whether it stands in one of the fields that are not left out."""
        return any(
            self._stands_in(text) for field, text in texts.items() if boosts.get(field, 1.0) > 0
        )

    def _stands_in(self, text: str) -> bool:
        if self._pattern is not None and text.isascii():
            return self._pattern.search(text) is not None
        standing = terms(text)
        return any(
            all(standing[start + at] in word.terms for at, word in enumerate(self._meant))
            for start in range(len(standing) - len(self._meant) + 1)
        )


def _pattern(meant: Sequence[Meant]) -> re.Pattern[str] | None:
    """The phrase as it stands in an ASCII text, which is most texts and much quicker to look at;
    None when a term may have been cut, or cannot stand there."""
    ascii_only = [[term for term in word.terms if term.isascii()] for word in meant]
    if not all(ascii_only) or any(len(t) >= MAX_LETTERS for word in ascii_only for t in word):
        return None
    words = "[^a-z0-9]+".join(f"(?:{'|'.join(word)})" for word in ascii_only)
    return re.compile(f"(?<![a-z0-9]){words}(?![a-z0-9])", re.ASCII | re.IGNORECASE)
