"""Answers: a grounded reply with its citations, or an honest refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from promptuary.domain.chats import Usage
from promptuary.domain.documents import Passage

RefusalReason: TypeAlias = Literal[
    "empty_collection", "nothing_found", "low_confidence", "not_grounded", "no_reply"
]


@dataclass(frozen=True, slots=True)
class Citation:
    """Evidence: `quote` is exactly the characters from `start` to `end` of the document's text.

    `rank` counts from 1 in the order of the answer; `line` and `page` are those of the quote.
    """

    rank: int
    passage_id: str
    document_id: str
    source: str
    title: str
    quote: str
    start: int
    end: int
    line: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that was looked at; a higher `score` found it better for this question."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of which every quote stands in its passage.

    `confidence` is the calibrated probability that the reply is right, `reasons` say what it is
    made of. `model` names what worded it: `extractive`, or a chat model, whose `usage` says what
    it took. `follow_ups` are questions that the same documents go on to answer; `considered` are
    the passages it was made from, best first. By its `id` it can be rated.
    """

    text: str
    citations: tuple[Citation, ...]
    confidence: float
    reasons: tuple[str, ...]
    model: str = "extractive"
    follow_ups: tuple[str, ...] = ()
    usage: Usage | None = None
    considered: tuple[Considered, ...] = ()
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No answer, why not, what of the question is `missing`, and the passages nearest to it. By its
    `id` it can be rated too."""

    reason: RefusalReason
    message: str
    confidence: float
    missing: tuple[str, ...] = ()
    nearest: tuple[Passage, ...] = ()
    reasons: tuple[str, ...] = ()
    usage: Usage | None = None
    id: str = field(default="", compare=False)
