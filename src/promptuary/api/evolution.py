"""What happened to templates: events over all of them, and the history of a family."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, get_args

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.paging import AskedPage
from promptuary.api.schemas.histories import EventList, HistoryOut
from promptuary.api.schemas.templates import EventOut
from promptuary.api.serving import Clean, Here, InCollection, known_form
from promptuary.domain.errors import InvalidInput
from promptuary.domain.templates import EventType

KNOWN: tuple[EventType, ...] = get_args(EventType)
OLDER: dict[str, tuple[EventType, ...]] = {
    "SLOT_MODIFIED": ("SLOT_ADDED", "SLOT_REMOVED"),
    "VERSION_INCREMENTED": ("UPDATED",),
}
"""Names that older clients ask for, and what they get."""


async def list_all_events(
    request: Request,
    here: Here,
    asked: AskedPage,
    collection: InCollection = None,
    family_id: Annotated[str | None, Query(description="Of that family's clusters.")] = None,
    cluster_id: Annotated[str | None, Query(description="Of that cluster.")] = None,
    template_id: Annotated[str | None, Query(description="Of that template's cluster.")] = None,
    event_type: Annotated[
        list[str] | None, Query(description="Only of these types; may be given several times.")
    ] = None,
    since: Annotated[datetime | None, Query(description="Happened then or later.")] = None,
    until: Annotated[datetime | None, Query(description="Happened before.")] = None,
    detected_by: Annotated[
        Clean | None, Query(description="`rules`, a model, or `person:NAME`.")
    ] = None,
) -> Response:
    """What changed in the traffic of templates, and what people corrected, the latest first."""
    lineage = cluster_id and known_form("cluster", cluster_id)
    if template_id:
        lineage = (await here.promptuary.template(known_form("template", template_id))).lineage_id
    page = await here.promptuary.evolution.list(
        collection=collection,
        family_id=family_id and known_form("family", family_id),
        lineage_id=lineage,
        types=_types(event_type or []),
        since=since and _zoned(since, "since"),
        until=until and _zoned(until, "until"),
        detected_by=detected_by,
        cursor=asked.cursor,
        limit=asked.size,
        offset=asked.offset,
    )
    shown = EventList(
        events=[EventOut.of(event) for event in page.items],
        total=page.total,
        page=asked.page,
        page_size=asked.size,
        next_cursor=page.next_cursor,
    )
    return answer(request, shown, exact=page)


async def list_older_events(
    request: Request,
    here: Here,
    asked: AskedPage,
    event_type: Annotated[list[str] | None, Query(description="Only of these types.")] = None,
    template_id: Annotated[str | None, Query(description="Of that template's cluster.")] = None,
) -> Response:
    """The same list under the path and with the filters of older clients."""
    return await list_all_events(
        request, here, asked, template_id=template_id, event_type=event_type
    )


async def get_family_history(request: Request, here: Here, family_id: str) -> Response:
    """A family, or the family of a cluster with that id, from its first prompt to the latest
    versions: clusters, versions, what each changed and moved, events with evidence, relations."""
    history = await here.promptuary.evolution.history(known_form("family", family_id))
    return answer(request, HistoryOut.of(history), exact=history)


def _types(named: list[str]) -> tuple[EventType, ...]:
    found: list[EventType] = []
    for name in named:
        known = tuple(each for each in KNOWN if each == name) or OLDER.get(name)
        if not known:
            said = f"one of {', '.join((*KNOWN, *OLDER))}"
            raise InvalidInput(f"there is no event type {name[:64]!r}", fields={"event_type": said})
        found += known
    return tuple(dict.fromkeys(found))


def _zoned(at: datetime, field: str) -> datetime:
    if at.tzinfo is None:
        raise InvalidInput("a time needs its zone", fields={field: "without a zone"})
    return at


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/evolution",
        call=list_all_events,
        needs="prompts:read",
        answers=EventList,
        problems=(404, 422),
        tag="evolution",
    ),
    Operation(
        path=f"{PREFIX}/evolution/events",
        call=list_older_events,
        needs="prompts:read",
        answers=EventList,
        problems=(404, 422),
        tag="evolution",
    ),
    Operation(
        path=f"{PREFIX}/families/{{family_id}}/history",
        call=get_family_history,
        needs="prompts:read",
        answers=HistoryOut,
        problems=(404,),
        tag="evolution",
    ),
)
