"""Asking: the question, the answer with its citations, the refusal with what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Name, Text, Wire
from promptuary.api.schemas.search import Where
from promptuary.domain.answers import Answer, Citation, Refusal
from promptuary.domain.chats import Usage
from promptuary.domain.documents import Passage
from promptuary.domain.judgements import AnswerRating, Rating

Question = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class AskIn(Wire):
    """A question to the documents. Below `min_confidence` the answer is a refusal.

    `max_chunks` passages are looked at, of these `domains` (hosts, or collections) if there are
    any. `use_context` can only be true: answers are made from documents. With `stream` the answer
    comes as server-sent events: `text` with checked pieces, then `answer` with the whole.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "How long are parcels kept?"}]}
    )

    question: Question
    collection: Name | None = None
    where: Where | None = None
    max_chunks: int | None = Field(default=None, ge=1, le=20)
    min_confidence: float | None = Field(
        default=None,
        ge=0,
        le=1,
        validation_alias=AliasChoices("min_confidence", "confidence_threshold"),
    )
    domains: list[Name] | None = Field(default=None, min_length=1, max_length=64)
    use_context: Literal[True] = True
    stream: bool = False


class FeedbackIn(Wire):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rating": "up"}]})

    rating: Rating
    comment: Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")] = ""


class FeedbackOut(Wire):
    """The rating as it is kept."""

    answer_id: str
    collection: Text
    rating: Rating
    comment: Text
    timestamp: datetime

    @classmethod
    def of(cls, rating: AnswerRating) -> FeedbackOut:
        """From the facade's answer."""
        return cls(
            answer_id=rating.answer_id,
            collection=rating.collection,
            rating=rating.rating,
            comment=rating.comment,
            timestamp=rating.rated_at,
        )


class CitationOut(Wire):
    """Evidence: `quote` is exactly the characters from `start` to `end` of the document."""

    rank: int
    passage_id: str
    document_id: str
    source: Text
    title: Text
    quote: Text
    start: int
    end: int
    line: int | None
    page: int | None

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """From the facade's answer."""
        return cls(
            rank=citation.rank,
            passage_id=citation.passage_id,
            document_id=citation.document_id,
            source=citation.source,
            title=citation.title,
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            line=citation.line,
            page=citation.page,
        )


class ChunkOut(Wire):
    """A passage that was looked at. `distance` is 0 for the best there can be."""

    id: str
    content: Text
    metadata: dict[str, Text | int | None]
    distance: float | None

    @classmethod
    def of(cls, passage: Passage, score: float | None = None) -> ChunkOut:
        """From the facade's answer."""
        return cls(
            id=passage.id,
            content=passage.text,
            metadata={
                "source": passage.source,
                "title": passage.title,
                "document_id": passage.document_id,
                "line": passage.line,
                "page": passage.page,
                "start": passage.start,
                "end": passage.end,
            },
            distance=None if score is None else max(0.0, 1 - score),
        )


class UsageOut(Wire):
    """What the chat model took; `cost` in US dollars where the price is known."""

    prompt_tokens: int
    completion_tokens: int
    cost: float | None

    @classmethod
    def of(cls, usage: Usage) -> UsageOut:
        """From the facade's answer."""
        return cls(
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cost=usage.cost,
        )


class RefusalOut(Wire):
    """Why there is no answer, and which words of the question stand in no passage."""

    reason: Literal[
        "empty_collection", "nothing_found", "low_confidence", "not_grounded", "no_reply"
    ]
    missing: list[Text]


class AnswerOut(Wire):
    """An answer with its citations, or a refusal: then `answer` says why and `sources` are the
    nearest passages. `response_time` is in seconds. By its `id` it can be rated."""

    id: str
    answer: Text
    confidence: float
    refused: bool
    refusal: RefusalOut | None
    citations: list[CitationOut]
    sources: list[ChunkOut]
    chunks_used: int
    reasons: list[Text]
    follow_ups: list[Text]
    provider_used: str
    usage: UsageOut | None
    response_time: float
    metadata: dict[str, Text | int | float | None]

    @classmethod
    def of(cls, outcome: Answer | Refusal, seconds: float) -> AnswerOut:
        """From the facade's answer."""
        took = round(seconds, 4)
        return _answered(outcome, took) if isinstance(outcome, Answer) else _refused(outcome, took)


def _answered(answer: Answer, seconds: float) -> AnswerOut:
    chunks = [ChunkOut.of(each.passage, each.score) for each in answer.considered]
    return AnswerOut(
        id=answer.id,
        answer=answer.text,
        confidence=answer.confidence,
        refused=False,
        refusal=None,
        citations=[CitationOut.of(each) for each in answer.citations],
        sources=chunks,
        chunks_used=len(chunks),
        reasons=list(answer.reasons),
        follow_ups=list(answer.follow_ups),
        provider_used=answer.model,
        usage=UsageOut.of(answer.usage) if answer.usage else None,
        response_time=seconds,
        metadata={},
    )


def _refused(refusal: Refusal, seconds: float) -> AnswerOut:
    chunks = [ChunkOut.of(each) for each in refusal.nearest]
    old = {"no_reply": "llm_no_response"}.get(refusal.reason, refusal.reason)
    return AnswerOut(
        id=refusal.id,
        answer=refusal.message,
        confidence=refusal.confidence,
        refused=True,
        refusal=RefusalOut(reason=refusal.reason, missing=list(refusal.missing)),
        citations=[],
        sources=chunks,
        chunks_used=len(chunks),
        reasons=list(refusal.reasons),
        follow_ups=[],
        provider_used="none",
        usage=UsageOut.of(refusal.usage) if refusal.usage else None,
        response_time=seconds,
        metadata={"reason": old, "chunks_found": len(chunks)},
    )
