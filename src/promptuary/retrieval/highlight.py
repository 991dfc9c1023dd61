"""Where the words of a query stand in a text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.ports.index import WordQuery
from promptuary.retrieval.spelling import Likeness, likeness
from promptuary.retrieval.words import Word, terms, words

MAX_FRAGMENTS = 3
AROUND = 60
"""Characters shown on each side of a matched word, at the most."""


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a text that a typed word stands for."""

    word: Word
    typed: str
    how: Likeness


def find(text: str, query: WordQuery) -> list[Match]:
    """The matched words of a text in order; with `phrase` only those that stand in the phrase."""
    typed = terms(query.text)
    standing = list(words(text))
    if query.phrase:
        return _find_phrase(standing, typed, query)
    found = (_match(word, typed, query) for word in standing)
    return [match for match in found if match is not None]


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


def _match(word: Word, typed: Sequence[str], query: WordQuery) -> Match | None:
    best: Match | None = None
    for at, one in enumerate(typed):
        unfinished = query.prefix and at == len(typed) - 1
        how = likeness(one, word.term, typos=query.typos, prefix=unfinished)
        if how == "exact":
            return Match(word, one, how)
        if how and best is None:
            best = Match(word, one, how)
    return best


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
        how = likeness(one, word.term, typos=query.typos, prefix=unfinished)
        if how is None:
            return []
        run.append(Match(word, one, how))
    return run


def _fragment(text: str, group: Sequence[Match]) -> str:
    start = _edge(text, group[0].word.start, -1)
    end = _edge(text, group[-1].word.end, +1)
    pieces, at = ["…" if start > 0 else ""], start
    for match in group:
        pieces += [text[at : match.word.start], "**", text[match.word.start : match.word.end], "**"]
        at = match.word.end
    pieces += [text[at:end], "…" if end < len(text) else ""]
    return "".join(pieces)


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
