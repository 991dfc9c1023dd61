"""What belongs to an event."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.relating import RelatedEvents, RelatedOut
from promptuary.api.serving import Here
from promptuary.conversation.related import RELATIONS, Relation


async def related_events(
    request: Request,
    here: Here,
    event_id: str,
    relation_types: Annotated[
        list[Relation] | None, Query(description="Again and again; else all three.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="So many of the strongest.")] = 10,
) -> Response:
    """What belongs to an event: near it in time, at the same place, or like it in words; only of
    cameras that the caller may see."""
    found = await here.promptuary.conversation.related_events(
        event_id,
        relations=relation_types or RELATIONS,
        cameras=cameras_of(request, here.settings),
        limit=limit,
    )
    related = [RelatedOut.found(each) for each in found]
    return answer(request, RelatedEvents(event_id=event_id, related=related))


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/events/{{event_id:path}}/related",
        call=related_events,
        needs="conversation:read",
        answers=RelatedEvents,
        problems=(404, 422),
        tag="conversation",
    ),
)
