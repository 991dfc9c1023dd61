"""Where the words of a query stand in a text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from promptuary.ports.index import WordQuery
from promptuary.retrieval.spelling import Likeness, likeness
from promptuary.retrieval.words import Beginnings, Word, terms, words

MAX_FRAGMENTS = 3
AROUND = 60
"""Characters shown on each side of a matched word, at the most."""


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a text that a typed word stands for."""

    word: Word
    typed: str
    how: Likeness


_Said: TypeAlias = tuple[str, Likeness]


class _Told(dict[str, _Said | None]):
    """What is told of each term, found out when it is first asked for."""

    def __init__(self, find_out: Callable[[str], _Said | None]) -> None:
        self._find_out = find_out

    def __missing__(self, term: str) -> _Said | None:
        self[term] = self._find_out(term)
        return self[term]


class Finder:
    """Finds the words of one query in texts, the next ones quicker than the first."""

    def __init__(self, query: WordQuery) -> None:
        self._query = query
        self._typed = terms(query.text)
        self._by_initial: dict[str, list[str]] = {}
        for one in self._typed:  # no word stands for one with another first letter
            self._by_initial.setdefault(one[0], []).append(one)
        self._beginnings = Beginnings(self._by_initial)
        self._told = _Told(self._best)

    def find(self, text: str) -> list[Match]:
        """The matched words in order; with `phrase` only those that stand in the phrase."""
        if self._query.phrase:
            return _find_phrase(list(words(text)), self._typed, self._query)
        return [Match(word, *said) for word, said in self._beginnings.words(text, self._told)]

    def _best(self, term: str) -> _Said | None:
        """The typed word that stands for the term, and how; the first, but an exact one goes
        first."""
        best: _Said | None = None
        query = self._query
        for one in self._by_initial[term[0]]:
            last = query.prefix and one == self._typed[-1]
            how = likeness(one, term, typos=query.typos, prefix=last, forms=query.forms)
            if how == "exact":
                return one, how
            if how and best is None:
                best = one, how
        return best


def fragments(text: str, matches: Sequence[Match]) -> tuple[str, ...]:
    """Up to MAX_FRAGMENTS pieces of the text with the matched words between `**`.

    Matches near each other share a piece; `…` stands where the text goes on.
    """
    groups: list[list[Match]] = []
    for match in matches:
        if groups and match.word.start - groups[-1][-1].word.end <= 2 * AROUND:
            groups[-1].append(match)
        else:
            groups.append([match])
    return tuple(_fragment(text, group) for group in groups[:MAX_FRAGMENTS])


def _find_phrase(standing: list[Word], typed: list[str], query: WordQuery) -> list[Match]:
    found: dict[int, Match] = {}
    for start in range(len(standing) - len(typed) + 1 if typed else 0):
        for match in _run(standing[start : start + len(typed)], typed, query):
            found[match.word.start] = match
    return [found[start] for start in sorted(found)]


def _run(standing: list[Word], typed: list[str], query: WordQuery) -> list[Match]:
    """The words matched one to one, in order; nothing when one of them differs."""
    run = []
    for at, (word, one) in enumerate(zip(standing, typed, strict=True)):
        unfinished = query.prefix and at == len(typed) - 1
        how = likeness(one, word.term, typos=query.typos, prefix=unfinished, forms=query.forms)
        if how is None:
            return []
        run.append(Match(word, one, how))
    return run


def _fragment(text: str, group: Sequence[Match]) -> str:
    start = _edge(text, group[0].word.start, -1)
    end = _edge(text, group[-1].word.end, +1)
    pieces, at = ["…" if start > 0 else ""], start
    for first, last in _touching(group):
        pieces += [text[at:first], "**", text[first:last], "**"]
        at = last
    pieces += [text[at:end], "…" if end < len(text) else ""]
    return "".join(pieces)


def _touching(group: Sequence[Match]) -> list[tuple[int, int]]:
    """Where matched words begin and end; words with nothing between them are marked as one."""
    spans: list[tuple[int, int]] = []
    for match in group:
        if spans and spans[-1][1] == match.word.start:
            spans[-1] = (spans[-1][0], match.word.end)
        else:
            spans.append((match.word.start, match.word.end))
    return spans


def _edge(text: str, at: int, direction: int) -> int:
    """A place to cut, AROUND characters away at the most, at white space where there is some."""
    limit = min(max(at + direction * AROUND, 0), len(text))
    if limit in (0, len(text)):
        return limit
    if direction < 0:
        spaces = (i + 1 for i in range(limit, at) if text[i].isspace())
    else:
        spaces = (i for i in range(limit, at, -1) if text[i].isspace())
    return next(spaces, limit)
