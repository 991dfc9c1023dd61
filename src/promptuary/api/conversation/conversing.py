"""Turns of a conversation: asked and answered, streamed, read again, deleted."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from promptuary.api.bodies import NDJSON, read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.conversation import (
    ConversationIn,
    ConversationOut,
    Gone,
    HistoryOut,
)
from promptuary.api.serving import Here, Serving
from promptuary.domain.errors import NotFound

EVENTS = "text/event-stream"
PIECE = 40
"""Characters of an answer in one event."""
RESUMABLE = timedelta(minutes=10)
"""How long a stream that broke off can go on."""


async def converse(request: Request, here: Here) -> Response:
    """Ask about events: an exact answer over all of them with its evidence, or why there is none.

    A refusal is a 200 too: `metadata.refused` says so. An unknown `conversation_id`, and one of
    somebody else, is a 404. With `stream`, or an `Accept` of `text/event-stream` or NDJSON, the
    answer comes as events, the evidence before the text.
    """
    asked = await read(request, ConversationIn)
    accepted = request.headers.get("accept", "")
    as_lines = any(kind in accepted for kind in NDJSON)
    if not (asked.stream or as_lines or EVENTS in accepted):
        return answer(request, await _answered(request, here, asked))
    after = request.headers.get("last-event-id", "")
    answered = await _streamed(request, here, asked, after)
    events = _events(answered, after)
    written = _as_lines(events) if as_lines else _as_sse(events)
    kind = "application/x-ndjson" if as_lines else EVENTS
    return StreamingResponse(written, media_type=kind)


async def _streamed(
    request: Request, here: Serving, asked: ConversationIn, after: str
) -> ConversationOut:
    """The answer, which is kept for a while: a client that broke off asks with the id of the last
    event that it has, and nothing is asked again. Raises NotFound when it came too late."""
    owner = f"{caller_of(request).id} {cameras_of(request, here.settings)}"
    if after:
        run = after.rpartition(":")[0]
        (kept,) = await here.promptuary.cache.get_many([_kept(owner, run)])
        if kept is None:
            raise NotFound("answer", run)
        return ConversationOut.model_validate_json(kept)
    answered = await _answered(request, here, asked)
    entry = {_kept(owner, run_of(answered)): answered.model_dump_json().encode()}
    await here.promptuary.cache.set_many(entry, ttl=RESUMABLE)
    return answered


def _kept(owner: str, run: str) -> str:
    return f"turn:{owner}:{run}"


def run_of(answered: ConversationOut) -> str:
    """What the turn is called in a stream: its conversation and its number."""
    return f"{answered.conversation_id}:{answered.metadata['conversation_turns']}"


async def _answered(request: Request, here: Serving, asked: ConversationIn) -> ConversationOut:
    """The answer to a turn, kept."""
    began = time.monotonic()
    context = asked.user_context
    ask = partial(
        here.promptuary.conversation.converse,
        conversation_id=asked.conversation_id,
        user=caller_of(request).id,
        cameras=cameras_of(request, here.settings),
        timezone=context.timezone if context else None,
        limit=asked.limit,
    )
    turn = await ask(asked.query)
    return ConversationOut.of(turn, (time.monotonic() - began) * 1_000)


Event = tuple[str, str, dict[str, object]]
"""An id, an AG-UI event name, and its data."""


async def _events(answered: ConversationOut, after: str) -> AsyncIterator[Event]:
    """The answer as AG-UI events: the run begins, evidence, text, the whole, the run ends. With
    `after`, only those that come after that id."""
    whole = answered.model_dump(mode="json")
    thread = answered.conversation_id
    run = run_of(answered)
    named = {"threadId": thread, "runId": run}
    message = {"messageId": run}
    evidence = {"evidence": whole["evidence"], "clips": whole["clips"], "value": whole["value"]}
    parts: list[tuple[str, dict[str, object]]] = [
        ("RUN_STARTED", dict(named)),
        ("STATE_SNAPSHOT", {"snapshot": evidence}),
        ("TEXT_MESSAGE_START", {**message, "role": "assistant"}),
        *_said(message, answered.response),
        ("TEXT_MESSAGE_END", dict(message)),
        ("RUN_FINISHED", {**named, "result": whole}),
    ]
    seen = int(after.rpartition(":")[2]) if after.rpartition(":")[2].isdigit() else -1
    for number, (name, data) in enumerate(parts):
        if not after.startswith(f"{run}:") or number > seen:
            yield f"{run}:{number}", name, {"type": name, **data}


def _said(message: dict[str, str], text: str) -> list[tuple[str, dict[str, object]]]:
    """The text in pieces that a person reads as they come."""
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return [("TEXT_MESSAGE_CONTENT", {**message, "delta": each}) for each in pieces]


async def _as_sse(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    async for number, name, data in events:
        yield f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


async def _as_lines(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    async for number, _, data in events:
        yield json.dumps({"id": number, **data}).encode() + b"\n"


async def conversation_history(
    request: Request,
    here: Here,
    conversation_id: str,
    limit: Annotated[int, Query(ge=1, le=1000, description="So many of the latest.")] = 50,
) -> Response:
    """What was said, oldest first."""
    user = caller_of(request).id
    theirs = cameras_of(request, here.settings)
    found = await here.promptuary.conversation.history(
        conversation_id, user=user, cameras=theirs, limit=limit
    )
    return answer(request, HistoryOut.of(found))


async def delete_conversation(request: Request, here: Here, conversation_id: str) -> Response:
    """Delete a conversation and all that was said in it, at once."""
    user = caller_of(request).id
    await here.promptuary.conversation.delete(conversation_id, user=user)
    return answer(request, Gone(message="deleted", conversation_id=conversation_id))


OLDER = f"{PREFIX}/enhanced-prompt"
"""What a proxy of older clients puts before a path."""
_THREAD = "conversation/{conversation_id}"

OPERATIONS = (
    *(
        Operation(
            method="POST",
            path=path,
            call=converse,
            needs="conversation:write",
            takes=ConversationIn,
            answers=ConversationOut,
            streams=True,
            problems=(404, 409, 413, 415, 422),
            tag="conversation",
            listed=path == f"{PREFIX}/conversation",
        )
        for base in (PREFIX, OLDER)
        for path in (f"{base}/conversation", f"{base}/conversation/query", f"{base}/prompt")
    ),
    *(
        Operation(
            path=path,
            call=conversation_history,
            needs="conversation:read",
            answers=HistoryOut,
            problems=(404, 422),
            tag="conversation",
            listed=path == f"{PREFIX}/{_THREAD}/history",
        )
        for base in (PREFIX, OLDER)
        for path in (f"{base}/{_THREAD}/history", f"{base}/history/{{conversation_id}}")
    ),
    *(
        Operation(
            method="DELETE",
            path=path,
            call=delete_conversation,
            needs="conversation:write",
            answers=Gone,
            problems=(404,),
            tag="conversation",
            listed=path == f"{PREFIX}/{_THREAD}",
        )
        for base in (PREFIX, OLDER)
        for path in (f"{base}/{_THREAD}", f"{base}/history/{{conversation_id}}")
    ),
)
