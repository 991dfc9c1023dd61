"""Events in: one, many, or a stream of lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import is_lines, lines, read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.conversation import EventIn, EventsIn, EventsOut
from promptuary.api.serving import Here, Serving
from promptuary.conversation.receiving import AT_ONCE
from promptuary.domain.events import Intake, Received, Refused


async def create_events(request: Request, here: Here) -> Response:
    """Take events in: one object, many in `events`, or NDJSON of any length.

    The answer means that they are durable. One that cannot be taken is named with its place (in
    NDJSON its line) and the rest goes on; the same again changes nothing, so an interrupted upload
    is simply sent again. A single event that cannot be taken is a 422.
    """
    if is_lines(request.headers):
        return answer(request, EventsOut.of(await _lines(request, here)), status=202)
    sent = await read(request, EventsIn)
    theirs = cameras_of(request, here.settings)
    done = await here.promptuary.conversation.add_events(sent.rows(), cameras=theirs)
    if sent.events is None and done.refused:
        raise ProblemRaised(invalid({"event": done.refused[0].reason}))
    return answer(request, EventsOut.of(done), exact=done, status=202)


async def _lines(request: Request, here: Serving) -> Received:
    theirs = cameras_of(request, here.settings)
    done, batch = Received(Intake()), list[Mapping[str, Any]]()
    places: list[int] = []
    unread: list[Refused] = []

    async def flush() -> Received:
        taken = await here.promptuary.conversation.add_events(batch, cameras=theirs)
        at = tuple(Refused(places[r.position - 1], r.id, r.reason) for r in taken.refused)
        batch.clear()
        places.clear()
        return Received(taken.intake, at)

    async for number, line in lines(request.stream(), here.settings.max_request_bytes):
        row = _row(line)
        if row is None:
            unread.append(Refused(number, "", "not a JSON object, or too long"))
            continue
        batch.append(row)
        places.append(number)
        if len(batch) == AT_ONCE:
            done += await flush()
    return done + await flush() + Received(Intake(), tuple(unread))


def _row(line: bytes | None) -> Mapping[str, Any] | None:
    try:
        row = json.loads(line) if line is not None else None
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/events",
        call=create_events,
        needs="events:write",
        takes=EventsIn,
        lines=EventIn,
        answers=EventsOut,
        status=202,
        problems=(413, 415, 422),
        tag="conversation",
    ),
)
