"""What was unusual, before anybody asked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer, wants_exact
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.noticing import InsightOut, InsightsOut, predicted
from promptuary.api.serving import Here
from promptuary.domain.insights import RANGES

EVIDENCE = 25
"""Events that come with each insight; their number is in its metadata."""


async def proactive_insights(
    request: Request,
    here: Here,
    time_range: Annotated[
        Literal["1h", "24h", "7d", "30d"], Query(description="How far to look back.")
    ] = "24h",
    severity_threshold: Annotated[
        Literal["info", "low", "medium", "high", "critical"],
        Query(description="At least that severe; `info` is `low`."),
    ] = "medium",
    include_predictions: Annotated[
        bool | None,
        Query(description="Predictions of the next hours; else as the threshold says: `low`."),
    ] = None,
    include_muted: Annotated[bool, Query(description="What is muted too.")] = False,
    envelope: Annotated[
        bool, Query(description="Answer with an object that holds `insights`.")
    ] = False,
) -> Response:
    """What was unusual, the latest first: a list, each in the shape of an answer; after it, what
    the next hours bring, one of each camera.

    Only of cameras that the caller may see; of the whole site to those who see all.
    """
    conversation = here.promptuary.conversation
    theirs = cameras_of(request, here.settings)
    notices = await conversation.insights(
        RANGES[time_range],
        severity="low" if severity_threshold == "info" else severity_threshold,
        cameras=theirs,
        muted=include_muted,
    )
    if wants_exact(request):
        return answer(request, [], exact=notices)
    wanted = [key for each in notices for key in each.evidence_ids[:EVIDENCE]]
    events = {each.id: each for each in await conversation.events_of(wanted, cameras=theirs)}
    found = [
        InsightOut.of(
            each, [events[key] for key in each.evidence_ids[:EVIDENCE] if key in events], time_range
        )
        for each in notices
    ]
    lowest = severity_threshold in {"info", "low"}
    if include_predictions or (include_predictions is None and lowest):
        site = {each.id: each.title for each in (await conversation.site(cameras=theirs)).cameras}
        found += predicted(await conversation.outlook(cameras=theirs), site, time_range)
    return answer(request, InsightsOut(insights=found) if envelope else found)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/proactive-insights",
        call=proactive_insights,
        needs="conversation:read",
        answers=list[InsightOut] | InsightsOut,
        problems=(422,),
        tag="conversation",
    ),
)
