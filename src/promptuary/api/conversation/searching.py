"""Events by what their descriptions say."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.relating import FoundEvents, FoundOut
from promptuary.api.serving import Here
from promptuary.conversation.searching import LONGEST
from promptuary.domain.events import EventFilter


async def search_events(
    request: Request,
    here: Here,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST, description="What is to be seen.")],
    label: Annotated[list[str] | None, Query(description="Again and again; else all.")] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    timezone: Annotated[str | None, Query(description="Where the caller's clock stands.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="So many of the best.")] = 10,
) -> Response:
    """Events that a text describes, by words and meaning, the best first; only of cameras that the
    caller may see. Cameras and times that it names are conditions on all events."""
    found = await here.promptuary.conversation.search_events(
        q,
        where=EventFilter(labels=tuple(label or ()), at_least=min_confidence),
        cameras=cameras_of(request, here.settings),
        timezone=timezone,
        limit=limit,
    )
    return answer(request, FoundEvents(query=q, found=[FoundOut.found(each) for each in found]))


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/events/search",
        call=search_events,
        needs="conversation:read",
        answers=FoundEvents,
        problems=(422,),
        tag="conversation",
    ),
)
