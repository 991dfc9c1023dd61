"""What the library tells of its use."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.experiments import IntervalOut
from promptuary.api.schemas.library import Shown
from promptuary.api.serving import Here
from promptuary.domain.analytics import GroupBy


class AnalyticsQuery(Wire):
    """Days are in UTC; without any, the last thirty."""

    first: date | None = Field(default=None, alias="from", description="The first day.")
    to: date | None = Field(default=None, description="The last day.")
    group_by: GroupBy = "prompt"
    duplicates: bool = Field(default=True, description="Whether near-duplicates are looked for.")
    limit: int = Field(default=50, ge=1, le=1000, description="Most of each list.")


class StandingOut(Shown):
    """One group; `effective` is the share of good ratings (4 or 5 stars)."""

    key: Text
    uses: int
    ratings: int
    average: float | None
    effective: IntervalOut | None


class TopicDayOut(Shown):
    """How often prompts about a topic were asked for on a day."""

    day: str
    topic: Text
    uses: int


class MissedOut(Shown):
    """Words that were looked for and found nothing."""

    query: Text
    count: int
    first_at: datetime
    last_at: datetime


class AnalyticsOut(Shown):
    """Groups most used first, and what else there is to know."""

    since: str
    until: str
    group_by: GroupBy
    prompts: int
    groups: list[StandingOut]
    topics: list[TopicDayOut]
    unused: list[Text]
    misses: list[MissedOut]
    duplicates: list[list[Text]]
    partial: bool


async def analyse_library(
    request: Request, here: Here, asked: Annotated[AnalyticsQuery, Query()]
) -> Response:
    """Uses, ratings and effectiveness in groups; topics by day; unused prompts, near-duplicates,
    and searches that found nothing."""
    found = await here.promptuary.library.analytics(
        since=asked.first,
        until=asked.to,
        group_by=asked.group_by,
        duplicates=asked.duplicates,
        limit=asked.limit,
        tenant=caller_of(request).tenant,
    )
    return answer(request, AnalyticsOut.model_validate(found), exact=found)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/library/analytics",
        call=analyse_library,
        needs="library:read",
        answers=AnalyticsOut,
        problems=(422,),
        tag="library",
    ),
)
