"""Questions that sound like a document and are not answered by it, made of those that are."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from promptuary.answering.cues import OPPOSITE
from promptuary.answering.question import counts
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import Word, terms, words

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|does|do|did|has|have|had|can|could|will|would|should)\b"
)


def near_misses(
    question: str, passage: str, others: Sequence[str], chance: random.Random
) -> Iterator[str]:
    """The question with one thing changed, in each way that is possible.

    A word of it that its passage has becomes one that the passage lacks, taken from other questions
    and of the same shape (a name, a number, a word); a word becomes its opposite; it is denied.
    """
    there = {stem(term) for term in terms(passage)}
    anchors = [w for w in words(question) if counts(w.term) and stem(w.term) in there]
    for anchor in chance.sample(anchors, min(2, len(anchors))):
        shape = _shape(question, anchor)
        strangers = [
            other[word.start : word.end]
            for other in chance.sample(others, min(40, len(others)))
            for word in words(other)
            if counts(word.term)
            and _shape(other, word) == shape
            and stem(word.term) not in there
            and abs(len(word.term) - len(anchor.term)) <= 4
        ]
        if strangers:
            yield _put(question, anchor, chance.choice(strangers))
    for word in words(question):
        if word.term in OPPOSITE:
            yield _put(question, word, OPPOSITE[word.term])
            break
    if (auxiliary := _AUXILIARY.search(question)) and " not " not in question:
        yield f"{question[: auxiliary.end()]} not{question[auxiliary.end() :]}"


def _shape(text: str, word: Word) -> str:
    shown = text[word.start : word.end]
    if any(letter.isdigit() for letter in shown):
        return "number"
    return "name" if shown[0].isupper() and word.start else "word"


def _put(text: str, word: Word, other: str) -> str:
    return text[: word.start] + other + text[word.end :]
