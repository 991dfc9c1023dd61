"""Whether what a model says stands in the passages: its quotes, its numbers, its names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.answering.question import figures
from promptuary.retrieval.words import terms, words

QUOTED_WORDS = 3
"""Shorter stretches between quotation marks are names or emphasis, no quotes."""

_MARK = re.compile(r"\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]")
_QUOTE = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|«([^»\n]+)»|「([^」\n]+)」")
_STEPS = re.compile(r"^\s*\d{1,2}[.)]\s+", re.MULTILINE)
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve"
_FIGURE_WORDS = {word: str(number) for number, word in enumerate(_SMALL.split())}


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a reply and the passages, counted from 1, that it names as its evidence."""

    text: str
    marks: tuple[int, ...]


def statement(sentence: str) -> Statement:
    """A sentence without its marks, and those: `It rains [2].` is `It rains.` by passage 2."""
    marks = [int(mark) for found in _MARK.findall(sentence) for mark in found.split(",")]
    bare = re.sub(r"\s+([.,;:!?])", r"\1", _MARK.sub("", sentence))
    return Statement(" ".join(bare.split()), tuple(dict.fromkeys(marks)))


def faults(said: Statement, evidence: Sequence[str], question: str) -> list[str]:
    """Why a statement may not stand; empty where nothing speaks against it.

    `evidence` are the passages in the order they were numbered. It must name one of them; every
    quote must stand in those it names, letter for letter but for blanks and case; every number,
    and every name, in those or in the question.
    """
    if not said.marks:
        return ["no passage is named"]
    if any(not 1 <= mark <= len(evidence) for mark in said.marks):
        return ["a passage is named that was not given"]
    named = [evidence[mark - 1] for mark in said.marks]
    return [
        *_false_quotes(said.text, named),
        *_strange_numbers(said.text, [*named, question]),
        *_strange_names(said.text, [*named, question]),
    ]


def stands_in(quote: str, passage: str) -> bool:
    """Whether a quote stands in a passage but for blanks, letter case and typographic marks."""
    return _plain(quote) in _plain(passage)


def _plain(text: str) -> str:
    marks = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
    return " ".join(text.translate(marks).casefold().split()).strip(" .…,;:")


def _false_quotes(text: str, named: Sequence[str]) -> list[str]:
    quotes = [next(filter(None, found)) for found in _QUOTE.findall(text)]
    return [
        f"the quote {quote!r} does not stand in its passage"
        for quote in quotes
        if len(terms(quote)) >= QUOTED_WORDS and not any(stands_in(quote, one) for one in named)
    ]


def _strange_numbers(text: str, known: Sequence[str]) -> list[str]:
    told = {number for one in known for number in _numbers(one)}
    said = _numbers(_STEPS.sub("", text))
    return [f"the number {n} is not in the evidence" for n in dict.fromkeys(said) if n not in told]


def _numbers(text: str) -> list[str]:
    written = [_FIGURE_WORDS[term] for term in terms(text) if term in _FIGURE_WORDS]
    return [*figures(text), *written]


def _strange_names(text: str, known: Sequence[str]) -> list[str]:
    """Words with a capital inside a sentence that no evidence has, whatever their ending."""
    told = {term for one in known for term in terms(one)}
    opening = True
    strange = []
    for word in words(text):
        shown = text[word.start : word.end]
        opening = opening or text[: word.start].rstrip(" \"'“‘(*_`").endswith((".", "!", "?", ":"))
        if shown[0].isupper() and not opening and not _known(word.term, told):
            strange.append(f"the name {shown!r} is not in the evidence")
        opening = False
    return strange


def _known(term: str, told: set[str]) -> bool:
    beginning = term[: max(4, len(term) - 2)]
    return term in told or any(one.startswith(beginning) for one in told)
