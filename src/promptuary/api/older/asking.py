"""Several questions in one request."""

from __future__ import annotations

import time
from functools import partial

import anyio
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.asking import counted, meant
from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.asking import AnswerOut
from promptuary.api.schemas.older import BatchAnswersOut, BatchAskIn
from promptuary.api.serving import Here
from promptuary.domain.answers import Refusal
from promptuary.domain.errors import PromptuaryError

AT_ONCE = 3
"""So many questions of a request are asked at the same time; a chat model is waited for."""


async def batch_ask(request: Request, here: Here) -> Response:
    """Answer up to ten questions from the documents, each as `/api/v1/ask` does."""
    asked = await read(request, BatchAskIn)
    asking = partial(here.promptuary.ask, **meant(asked, caller_of(request).tenant))
    began = time.monotonic()
    results: dict[int, AnswerOut] = {}
    trouble: list[PromptuaryError] = []
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def one(number: int, question: str) -> None:
        async with limiter:
            started = time.monotonic()
            try:
                outcome = await asking(question)
            except PromptuaryError as error:
                trouble.append(error)
                group.cancel_scope.cancel()
            else:
                counted(here, refused=isinstance(outcome, Refusal))
                results[number] = AnswerOut.of(outcome, time.monotonic() - started)

    async with anyio.create_task_group() as group:
        for number, question in enumerate(asked.questions):
            group.start_soon(one, number, question)
    if trouble:
        raise trouble[0]
    answers = [results[number] for number in range(len(asked.questions))]
    answered = BatchAnswersOut(
        results=answers,
        total_questions=len(answers),
        successful_answers=sum(not each.refused for each in answers),
        processing_time=round(time.monotonic() - began, 4),
    )
    return answer(request, answered)


OPERATIONS = tuple(
    Operation(
        method="POST",
        path=path,
        call=batch_ask,
        needs="ask",
        takes=BatchAskIn,
        answers=BatchAnswersOut,
        problems=(400, 413, 415, 422),
        tag="documents",
        listed=listed,
    )
    for path, listed in ((f"{PREFIX}/batch/ask", True), (f"{PREFIX}/batch_ask", False))
)
