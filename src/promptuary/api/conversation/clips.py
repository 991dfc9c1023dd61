"""Recordings of events: links that expire, what they lead to, many in one request."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from promptuary.api.bodies import read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Moment
from promptuary.api.schemas.clips import (
    LONGEST_MINUTES,
    AvailabilityOut,
    ClipsIn,
    ClipsOut,
    ClipUrlOut,
    ThumbnailOut,
)
from promptuary.api.schemas.conversation import ClipOut
from promptuary.api.serving import Clean, Cursor, Here, Limit, Serving
from promptuary.domain.clips import ClipLink, ClipPart
from promptuary.domain.errors import NotFound
from promptuary.domain.events import EventFilter, Window

Minutes = Annotated[
    float | None,
    Query(
        gt=0, le=LONGEST_MINUTES, description="How long the link works; else as the server says."
    ),
]
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


async def clip_url(
    request: Request,
    here: Here,
    event_id: str,
    expiry_minutes: Minutes = None,
    include_metadata: Annotated[
        bool, Query(description="With everything that is known of the recording.")
    ] = False,
) -> Response:
    """A link to the recording of an event, which expires; without one `available` is false."""
    (link,) = await _links(request, here, [event_id], expiry_minutes)
    now = datetime.now(UTC)
    return answer(request, ClipUrlOut.of(link, now, metadata=include_metadata))


async def clip_thumbnail(request: Request, here: Here, event_id: str) -> Response:
    """A link to a picture of the recording, which expires."""
    (link,) = await _links(request, here, [event_id], thumbnails=True)
    found = ThumbnailOut(
        event_id=event_id, thumbnail_url=link.thumbnail_url, available=bool(link.thumbnail_url)
    )
    return answer(request, found)


async def open_clip(request: Request, here: Here, event_id: str) -> Response:
    """On to the recording itself."""
    (link,) = await _links(request, here, [event_id])
    if not link.available:
        raise NotFound("clip", event_id)
    return RedirectResponse(link.url, 302, headers={"Cache-Control": "no-store"})


async def clip_file(
    request: Request,
    here: Here,
    event_id: str,
    expires: Annotated[int, Query(ge=0, le=2**53, description="As in the link.")],
    signature: Annotated[str, Query(max_length=128, description="As in the link.")],
    part: Annotated[ClipPart, Query(description="As in the link.")] = "clip",
) -> Response:
    """The recording that a signed link leads to: no key is needed, the link says it all.

    A `Range` of bytes is answered where the store can begin inside a recording.
    """
    first, last = _range(request.headers.get("range", ""))
    opened = here.promptuary.conversation.recordings.under(
        event_id, part, expires, signature, first=first or 0, last=last
    )
    async with AsyncExitStack() as stack:
        footage = await stack.enter_async_context(opened)
        headers = {
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": "inline",
        }
        whole = first is None or footage.total is None or footage.last is None
        if footage.total is not None:
            end = footage.total - 1 if footage.last is None else footage.last
            headers["Content-Length"] = str(end + 1 - footage.first)
            headers["Accept-Ranges"] = "bytes" if footage.last is not None else "none"
            if not whole:
                headers["Content-Range"] = f"bytes {footage.first}-{end}/{footage.total}"
        return StreamingResponse(
            footage.chunks,
            200 if whole else 206,
            headers,
            footage.kind,
            BackgroundTask(stack.pop_all().aclose),
        )


def _range(asked: str) -> tuple[int | None, int | None]:
    """The one range of bytes that is asked for; anything else is answered with the whole."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        return None, None
    return int(found[1]), int(found[2]) if found[2] else None


async def list_clips(
    request: Request,
    here: Here,
    camera_id: Annotated[Clean | None, Query(description="Only of this camera.")] = None,
    start_date: Annotated[Moment | None, Query(description="Begun then or later.")] = None,
    end_date: Annotated[Moment | None, Query(description="Begun before.")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """Recordings of events, the newest first, page by page; events without one are there too, and
    not `available`. `total_count` counts the events."""
    where = EventFilter(
        cameras=None if camera_id is None else (camera_id,),
        windows=(Window(start_date, end_date),) if start_date or end_date else (),
    )
    conversation = here.promptuary.conversation
    cameras = cameras_of(request, here.settings)
    page = await conversation.events(where, cameras=cameras, cursor=cursor, limit=limit)
    links = await conversation.clips(
        [each.id for each in page.items], cameras=cameras, thumbnails=True
    )
    shown = [ClipOut.of(each) for each in links]
    found = ClipsOut(clips=shown, total_count=page.total, next_cursor=page.next_cursor)
    return answer(request, found)


async def find_clips(request: Request, here: Here) -> Response:
    """Links to the recordings of many events in one request."""
    asked = await read(request, ClipsIn)
    links = await here.promptuary.conversation.clips(
        asked.event_ids,
        cameras=cameras_of(request, here.settings),
        lifetime=_lifetime(asked.expiry_minutes),
        thumbnails=asked.thumbnails,
    )
    found = ClipsOut(clips=[ClipOut.of(each) for each in links], total_count=len(links))
    return answer(request, found, exact=links)


async def check_clips(request: Request, here: Here) -> Response:
    """Which of many events have a recording; ids that nobody knows have none."""
    asked = await read(request, ClipsIn)
    conversation = here.promptuary.conversation
    links = await conversation.clips(asked.event_ids, cameras=cameras_of(request, here.settings))
    there = {each.event_id for each in links if each.available}
    found = {each: each in there for each in asked.event_ids}
    return answer(request, AvailabilityOut(availability=found))


async def _links(
    request: Request,
    here: Serving,
    ids: list[str],
    minutes: float | None = None,
    *,
    thumbnails: bool = False,
) -> list[ClipLink]:
    """Of that one event. Raises NotFound where it is not there, or not for the caller to see."""
    found = await here.promptuary.conversation.clips(
        ids,
        cameras=cameras_of(request, here.settings),
        lifetime=_lifetime(minutes),
        thumbnails=thumbnails,
    )
    if not found:
        raise NotFound("event", ids[0])
    return found


def _lifetime(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


_PATH = f"{PREFIX}/clips"
_ONE = f"{_PATH}/{{event_id:path}}"
OPERATIONS = (
    Operation(
        path=_PATH,
        call=list_clips,
        needs="conversation:read",
        answers=ClipsOut,
        problems=(422,),
        tag="conversation",
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/batch",
        call=find_clips,
        needs="conversation:read",
        takes=ClipsIn,
        answers=ClipsOut,
        problems=(413, 415, 422),
        tag="conversation",
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/batch/check",
        call=check_clips,
        needs="conversation:read",
        takes=ClipsIn,
        answers=AvailabilityOut,
        problems=(413, 415, 422),
        tag="conversation",
    ),
    Operation(
        path=f"{_ONE}/url",
        call=clip_url,
        needs="conversation:read",
        answers=ClipUrlOut,
        problems=(404, 422),
        tag="conversation",
    ),
    Operation(
        path=f"{_ONE}/thumbnail",
        call=clip_thumbnail,
        needs="conversation:read",
        answers=ThumbnailOut,
        problems=(404, 422),
        tag="conversation",
    ),
    Operation(
        path=f"{_ONE}/file",
        call=clip_file,
        needs="open",
        answers=None,
        media_type="video/mp4",
        also=((206, "The piece that `Range` asks for."),),
        problems=(403, 404, 422),
        tag="conversation",
    ),
    Operation(
        path=_ONE,
        call=open_clip,
        needs="conversation:read",
        answers=None,
        status=302,
        problems=(404, 422),
        tag="conversation",
    ),
)
