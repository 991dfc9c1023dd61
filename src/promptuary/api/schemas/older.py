"""Shapes that clients of the older service send and read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.asking import AnswerOut, AskIn, ChunkOut, Question
from promptuary.api.schemas.basics import Name, Text, Wire
from promptuary.api.schemas.documents import IndexOut
from promptuary.api.schemas.operation import ProviderOut
from promptuary.api.schemas.search import SearchOut
from promptuary.domain.chats import PingState, ProviderHealth
from promptuary.domain.reports import SyncReport
from promptuary.retrieval.passages import Retrieved

Address = Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=r"^[^\x00]*$")]


class BatchAskIn(AskIn):
    """Up to ten questions under the same conditions."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"questions": ["How long are parcels kept?"]}]}
    )

    question: Literal[""] = ""
    questions: list[Question] = Field(min_length=1, max_length=10)
    stream: Literal[False] = False


class BatchAnswersOut(Wire):
    """An answer or refusal for each question, in order; `successful_answers` are no refusals."""

    results: list[AnswerOut]
    total_questions: int
    successful_answers: int
    processing_time: float


class ResultOut(ChunkOut):
    """A passage that was found; a higher `score` is better."""

    score: float

    @classmethod
    def found(cls, each: Retrieved) -> ResultOut:
        """From the facade's answer."""
        chunk = ChunkOut.of(each.passage, each.score)
        return cls(**chunk.model_dump(), score=each.score)


class EitherOut(SearchOut):
    """What a search found, and beside it passages in the older form."""

    results: list[ResultOut]
    total_count: int
    query: Text
    response_time: float

    @classmethod
    def both(
        cls, found: SearchOut, passages: Sequence[Retrieved], query: str, seconds: float
    ) -> EitherOut:
        """From two of the facade's answers."""
        results = [ResultOut.found(each) for each in passages]
        return cls(
            **found.model_dump(),
            results=results,
            total_count=len(results),
            query=query,
            response_time=round(seconds, 4),
        )


class CrawlIn(Wire):
    """Pages to begin with, and how far to go from each."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"urls": ["https://docs.example.org/"], "depth": 1}]}
    )

    urls: list[Address] = Field(min_length=1, max_length=10)
    depth: int = Field(default=1, ge=1, le=3)
    max_pages: int = Field(default=40, ge=1, le=100)
    same_domain: bool = True
    force: bool = False
    collection: Name = "default"


class CrawlDetails(Wire):
    """How far it went."""

    depth: int
    max_pages: int
    same_domain: bool


class CrawlOut(IndexOut):
    """What a crawl did."""

    urls: list[Text]
    crawl_details: CrawlDetails

    @classmethod
    def crawled(cls, asked: CrawlIn, reports: list[SyncReport], seconds: float) -> CrawlOut:
        """From the report of each address."""
        told = IndexOut.of(reports, seconds).model_dump(exclude={"directory"})
        return cls(
            **told,
            directory=", ".join(asked.urls),
            urls=asked.urls,
            crawl_details=CrawlDetails(
                depth=asked.depth, max_pages=asked.max_pages, same_domain=asked.same_domain
            ),
        )


class DatabaseOut(Wire):
    """What the index of documents holds."""

    connected: bool
    total_chunks: int
    collections: int


class OldHealth(Wire):
    """The state of the service as clients of the older one read it."""

    status: Literal["healthy", "degraded", "unhealthy"]
    timestamp: datetime
    version: str
    providers: dict[str, ProviderOut]
    database: DatabaseOut


class ChecksOut(Wire):
    """Whether requests should come here, part by part."""

    ready: bool
    checks: dict[str, bool]


class Alive(Wire):
    """Whether the process answers."""

    alive: bool


class VersionOut(Wire):
    """What runs here."""

    name: str
    version: str
    api_version: str


class ProviderState(Wire):
    """What became of asking a provider of chat models for next to nothing."""

    provider: str
    model: str
    state: PingState
    valid: bool
    detail: Text
    took_ms: float

    @classmethod
    def of(cls, each: ProviderHealth) -> ProviderState:
        """From the facade's answer."""
        return cls(
            provider=each.provider,
            model=each.model,
            state=each.state,
            valid=each.state == "connected",
            detail=each.detail,
            took_ms=round(each.took_ms, 3),
        )


class ProviderStates(Wire):
    """Every provider of chat models."""

    providers: list[ProviderState]
    timestamp: datetime


class AdminMetrics(Wire):
    """What there is and what was done, in numbers; cost in US dollars."""

    timestamp: datetime
    uptime: float
    memory_usage: int
    total_chunks: int
    total_documents: int
    total_sources: int
    clusters: int
    waiting_jobs: int
    index_lag_seconds: float
    cache_hits: int
    cache_misses: int
    cost_usd: float
    rated_up: int
    rated_down: int
    satisfaction: float | None
    providers: dict[str, ProviderOut]


class ResetIn(Wire):
    """Nothing is done unless it is confirmed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"confirm": True}]})

    confirm: bool = False
    collection: Name | None = None
