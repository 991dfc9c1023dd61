"""Asking the documents: an answer with its citations, or a refusal; at once or as it comes."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from promptuary.answering.answer import Said
from promptuary.api.bodies import read
from promptuary.api.etags import answer, wants_exact
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, problem_of
from promptuary.api.schemas.asking import AnswerOut, AskIn, FeedbackIn, FeedbackOut
from promptuary.api.search import wanted, within
from promptuary.api.serving import Here, Serving
from promptuary.domain import plain
from promptuary.domain.answers import Refusal
from promptuary.domain.errors import InvalidInput, PromptuaryError, Rejected
from promptuary.domain.filters import AllOf, Filter

EVENTS = "text/event-stream"
_INVALID = 422


class Conditions(TypedDict):
    """Keyword arguments of the facade's `ask`."""

    collection: str | None
    where: Filter | None
    passages: int | None
    min_confidence: float | None
    tenant: str


async def ask(request: Request, here: Here) -> Response:
    """Answer a question from the documents, every quote with its place; or say what is missing.

    A refusal is a 200 too: `refused` says so, and `refusal` why.
    """
    return await _asked(request, here, await read(request, AskIn))


async def query(request: Request, here: Here) -> Response:
    """The same for older clients, who read 400 for a body that is not valid."""
    try:
        return await _asked(request, here, await read(request, AskIn))
    except ProblemRaised as raised:
        if raised.problem.status != _INVALID:
            raise
        raise ProblemRaised(replace(raised.problem, code="REJECTED")) from None
    except InvalidInput as error:
        raise Rejected(str(error)) from None


async def _asked(request: Request, here: Serving, asked: AskIn) -> Response:
    began = time.monotonic()
    conditions = meant(asked, caller_of(request).tenant)
    if asked.stream:
        saying = here.promptuary.ask_stream(asked.question, **conditions)
        events = _events(here, saying, began, exact=wants_exact(request))
        first = await anext(events)  # what cannot be asked is a problem, not a stream
        return StreamingResponse(_after(first, events), media_type=EVENTS)
    outcome = await here.promptuary.ask(asked.question, **conditions)
    answered = AnswerOut.of(outcome, time.monotonic() - began)
    counted(here, refused=answered.refused)
    return answer(request, answered, exact=outcome)


async def rate_answer(request: Request, here: Here, answer_id: str) -> Response:
    """Note what somebody thinks of an answer, or refusal, that was given within a day; said again,
    it replaces what was said before."""
    asked = await read(request, FeedbackIn)
    rating = partial(here.promptuary.rate_answer, answer_id, asked.rating)
    given = await rating(comment=asked.comment)
    return answer(request, FeedbackOut.of(given), exact=given)


def counted(here: Serving, *, refused: bool) -> None:
    """Count a question that was answered, or not; and warn of a budget that came near its end."""
    here.meters.answer(refused=refused)
    for each in here.promptuary.chats.budgets.news():
        here.log.warning(
            "budget_nearly_spent",
            tenant=each.tenant,
            span=each.span,
            kind=each.kind,
            share=round(each.share, 3),
        )


def meant(asked: AskIn, tenant: str) -> Conditions:
    """What a question is asked under, as the facade takes it; on whose budget."""
    wheres = [each for each in (wanted(asked.where), within(asked.domains)) if each is not None]
    return Conditions(
        collection=asked.collection,
        where=AllOf(tuple(wheres)) if wheres else None,
        passages=asked.max_chunks,
        min_confidence=asked.min_confidence,
        tenant=tenant,
    )


async def _events(
    here: Serving, asking: AsyncGenerator[Said, None], began: float, *, exact: bool
) -> AsyncIterator[bytes]:
    """Server-sent events: `text` for each checked piece, then `answer`, or `error` if it breaks."""
    async with aclosing(asking) as saying:
        async for said in saying:
            if isinstance(said, str):
                yield _event("text", {"text": said})
                continue
            counted(here, refused=isinstance(said, Refusal))
            if exact:
                yield b"event: answer\ndata: " + plain.encode(said) + b"\n\n"
            else:
                answered = AnswerOut.of(said, time.monotonic() - began)
                yield _event("answer", answered.model_dump(mode="json"))


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    try:
        async for each in rest:
            yield each
    except PromptuaryError as error:
        problem = problem_of(error)
        yield _event("error", {"code": problem.code, "detail": problem.detail})


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/ask",
        call=ask,
        needs="ask",
        takes=AskIn,
        answers=AnswerOut,
        streams=True,
        problems=(400, 413, 415, 422),
        tag="documents",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/answers/{{answer_id}}/feedback",
        call=rate_answer,
        needs="ask",
        takes=FeedbackIn,
        answers=FeedbackOut,
        problems=(404, 413, 415, 422),
        tag="documents",
    ),
    Operation(
        method="POST",
        path="/query",
        call=query,
        needs="ask",
        takes=AskIn,
        answers=AnswerOut,
        streams=True,
        problems=(400, 413, 415),
        tag="documents",
    ),
)
