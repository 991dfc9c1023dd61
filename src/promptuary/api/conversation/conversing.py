"""Turns of a conversation: asked and answered, streamed, read again, deleted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from promptuary.api.bodies import NDJSON, read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.idempotency import payload_digest
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.conversation import (
    ConversationIn,
    ConversationOut,
    ConversationsOut,
    Gone,
    HistoryOut,
)
from promptuary.api.serving import Cursor, Here, Limit, Serving
from promptuary.domain.conversations import Turn
from promptuary.domain.errors import NotFound

EVENTS = "text/event-stream"
PIECE = 40
"""Characters of an answer in one event."""
_NUMBER = re.compile(r"[0-9]{1,9}")
RESUMABLE = timedelta(minutes=10)
"""How long a stream that broke off can go on."""


async def converse(request: Request, here: Here) -> Response:
    """Ask about events: an exact answer over all of them with its evidence, or why there is none.

    A refusal is a 200 too: `metadata.refused` says so. An unknown `conversation_id`, and one of
    somebody else, is a 404. With `stream`, or an `Accept` of `text/event-stream` or NDJSON, the
    answer comes as events, the evidence before the text.
    """
    asked, body = await read(request, ConversationIn), await request.body()
    accepted = request.headers.get("accept", "")
    as_lines = any(kind in accepted for kind in NDJSON)
    if not (asked.stream or as_lines or EVENTS in accepted):
        seen = f"{cameras_of(request, here.settings)}".encode()

        async def work() -> Response:
            answered = await _answered(request, here, asked)
            return answer(request, answered.out, exact=answered.turn)

        return await here.replies.once(request, payload_digest(body + seen), work)
    after = request.headers.get("last-event-id", "")
    if after:
        events = _events(_once(await _resumed(request, here, after)), after)
    else:
        coming = _coming(request, here, asked)
        events = _events(_from(await anext(coming), coming))
    written = _as_lines(events) if as_lines else _as_sse(events)
    kind = "application/x-ndjson" if as_lines else EVENTS
    return StreamingResponse(written, media_type=kind)


async def _resumed(request: Request, here: Serving, after: str) -> ConversationOut:
    """The answer of which a client that broke off has the event of that id; nothing is asked
    again. Raises NotFound when it came too late."""
    run = after.rpartition(":")[0]
    (kept,) = await here.promptuary.cache.get_many([_kept(request, here, run)])
    if kept is None:
        raise NotFound("answer", run)
    return ConversationOut.model_validate_json(kept)


async def _coming(
    request: Request, here: Serving, asked: ConversationIn
) -> AsyncGenerator[Answered, None]:
    """The answer, and once more if a chat model words it; kept for a while, for who breaks off."""
    async with aclosing(_answers(request, here, asked)) as answers:
        async for answered in answers:
            key = _kept(request, here, run_of(answered.out))
            entry = {key: answered.out.model_dump_json().encode()}
            await here.promptuary.cache.set_many(entry, ttl=RESUMABLE)
            yield answered


def _kept(request: Request, here: Serving, run: str) -> str:
    return f"turn:{caller_of(request).id} {cameras_of(request, here.settings)}:{run}"


async def _once(answered: ConversationOut) -> AsyncGenerator[Answered, None]:
    yield Answered(None, answered)


async def _from(
    first: Answered, rest: AsyncGenerator[Answered, None]
) -> AsyncGenerator[Answered, None]:
    async with aclosing(rest):
        yield first
        async for each in rest:
            yield each


def run_of(answered: ConversationOut) -> str:
    """What the turn is called in a stream: its conversation and its number."""
    return f"{answered.conversation_id}:{answered.metadata['conversation_turns']}"


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn, and how it is told."""

    turn: Turn | None
    out: ConversationOut


async def _answered(request: Request, here: Serving, asked: ConversationIn) -> Answered:
    """The answer to a turn, kept, in its last words."""
    async with aclosing(_answers(request, here, asked)) as answers:
        (*_, last) = [each async for each in answers]
        return last


async def _answers(
    request: Request, here: Serving, asked: ConversationIn
) -> AsyncGenerator[Answered, None]:
    """The answer to a turn, kept; once more if a chat model words it."""
    began = time.monotonic()
    context, settings = asked.user_context, here.settings
    asking = here.promptuary.conversation.converse_stream(
        asked.query,
        conversation_id=asked.conversation_id,
        user=caller_of(request).id,
        cameras=cameras_of(request, here.settings),
        timezone=context.timezone if context else None,
        limit=min(asked.limit or settings.evidence_limit, settings.evidence_most),
        tenant=caller_of(request).tenant,
    )
    searched = 0.0
    async with aclosing(asking) as turns:
        async for turn in turns:
            took = (time.monotonic() - began) * 1_000
            searched = searched or took
            yield Answered(turn, ConversationOut.of(turn, took, searched))


Event = tuple[str, str, dict[str, object]]
"""An id, an AG-UI event name, and its data."""


async def _events(answers: AsyncGenerator[Answered, None], after: str = "") -> AsyncIterator[Event]:
    """The answer as AG-UI events: the run begins, evidence, text, the whole, the run ends. The
    evidence goes out before a chat model is waited for. With `after`, only what comes after it."""
    last = after.rpartition(":")[2]
    seen = int(last) if _NUMBER.fullmatch(last) else -1
    number = 0
    async with aclosing(_parts(answers)) as parts:
        async for run, name, data in parts:
            if number > seen:
                yield f"{run}:{number}", name, {"type": name, **data}
            number += 1


async def _parts(
    answers: AsyncGenerator[Answered, None],
) -> AsyncGenerator[tuple[str, str, dict[str, object]], None]:
    """The run that each belongs to, its name and what it holds."""
    first = (await anext(answers)).out
    run = run_of(first)
    named: dict[str, object] = {"threadId": first.conversation_id, "runId": run}
    yield run, "RUN_STARTED", dict(named)
    whole = first.model_dump(mode="json")
    evidence = {"evidence": whole["evidence"], "clips": whole["clips"], "value": whole["value"]}
    yield run, "STATE_SNAPSHOT", {"snapshot": evidence}
    async with aclosing(answers):
        async for each in answers:
            whole = each.out.model_dump(mode="json")
    message = {"messageId": run}
    yield run, "TEXT_MESSAGE_START", {**message, "role": "assistant"}
    for name, data in _said(message, whole["response"]):
        yield run, name, data
    yield run, "TEXT_MESSAGE_END", dict(message)
    yield run, "RUN_FINISHED", {**named, "result": whole}


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
    limit: Annotated[
        int | None, Query(ge=1, le=1000, description="So many of the latest; else as is set.")
    ] = None,
    skip: Annotated[int, Query(ge=0, le=1_000_000, description="After so many of them.")] = 0,
) -> Response:
    """What was said, oldest first."""
    user = caller_of(request).id
    theirs = cameras_of(request, here.settings)
    found = await here.promptuary.conversation.history(
        conversation_id,
        user=user,
        cameras=theirs,
        limit=limit or here.settings.history_messages,
        skip=skip,
    )
    return answer(request, HistoryOut.of(found), exact=found)


async def export_conversation(request: Request, here: Here, conversation_id: str) -> Response:
    """Everything that was said, oldest first."""
    user, theirs = caller_of(request).id, cameras_of(request, here.settings)
    found = await here.promptuary.conversation.export(conversation_id, user=user, cameras=theirs)
    return answer(request, HistoryOut.of(found), exact=found)


async def list_conversations(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The caller's conversations, the latest activity first."""
    page = await here.promptuary.conversation.conversations(
        user=caller_of(request).id, cursor=cursor, limit=limit
    )
    return answer(request, ConversationsOut.of(page), exact=page)


async def delete_conversation(request: Request, here: Here, conversation_id: str) -> Response:
    """Delete a conversation and all that was said in it, at once."""
    user = caller_of(request).id
    await here.promptuary.conversation.delete(conversation_id, user=user)
    return answer(request, Gone(message="deleted", conversation_id=conversation_id))


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
            events=(),
            problems=(404, 409, 413, 415, 422),
            tag="conversation",
            listed=path == f"{PREFIX}/conversation",
        )
        for path in (f"{PREFIX}/conversation", f"{PREFIX}/conversation/query", f"{PREFIX}/prompt")
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
        for path in (f"{PREFIX}/{_THREAD}/history", f"{PREFIX}/history/{{conversation_id}}")
    ),
    Operation(
        path=f"{PREFIX}/conversations",
        call=list_conversations,
        needs="conversation:read",
        answers=ConversationsOut,
        problems=(422,),
        tag="conversation",
    ),
    Operation(
        path=f"{PREFIX}/{_THREAD}/export",
        call=export_conversation,
        needs="conversation:read",
        answers=HistoryOut,
        problems=(404,),
        tag="conversation",
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
        for path in (f"{PREFIX}/{_THREAD}", f"{PREFIX}/history/{{conversation_id}}")
    ),
)
