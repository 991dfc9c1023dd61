"""Many prompts at once: a JSON list, or NDJSON of any length, read line by line as it arrives."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import is_lines, lines, parse
from promptuary.api.etags import answer
from promptuary.api.idempotency import Work, payload_digest, storage_key
from promptuary.api.intake import Intake
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, problem_of
from promptuary.api.schemas.prompts import BatchIn, BatchOut, PromptIn
from promptuary.api.serving import Clean, Here
from promptuary.domain.errors import Unavailable

SPOOLED_IN_MEMORY: Final = 1024 * 1024
PIECE: Final = 64 * 1024

Items = AsyncIterable[tuple[int, object]]


async def create_prompts(
    request: Request,
    here: Here,
    batch_id: Annotated[Clean | None, Query(description="For NDJSON; in JSON, a member.")] = None,
    collection: Annotated[Clean, Query(description="For NDJSON; in JSON, a member.")] = "default",
) -> Response:
    """Save many prompts; a worker places them.

    The answer means that they are durable. A prompt that cannot be taken is reported with its
    position (NDJSON: its line number) and the rest goes on. With a `batch_id` the same batch sent
    again changes nothing, so an interrupted upload is simply sent again.
    """
    if not is_lines(request.headers):
        body = await request.body()
        sent = parse(body, BatchIn)
        intake = Intake(here, sent.batch_id, sent.collection)
        work = _taking(request, intake, _numbered(sent.prompts))
        return await here.replies.once(request, payload_digest(body), work)
    intake, longest = Intake(here, batch_id, collection), here.settings.max_request_bytes
    if storage_key(request) is None:
        return await _taking(request, intake, lines(request.stream(), longest))()
    async with _spooled(request) as (digest, chunks):
        work = _taking(request, intake, lines(chunks, longest))
        return await here.replies.once(request, digest, work)


def _taking(request: Request, intake: Intake, items: Items) -> Work:
    async def work() -> Response:
        try:
            async for position, item in items:
                size = len(item) if isinstance(item, bytes) else 0
                await intake.take(position, item, size=size)
            done = await intake.finish()
        except Unavailable as error:
            so_far = intake.so_far().model_dump(mode="json", exclude={"rejected"})
            raise ProblemRaised(replace(problem_of(error), more=so_far)) from error
        return answer(request, done, status=202)

    return work


async def _numbered(items: list[object]) -> AsyncIterator[tuple[int, object]]:
    for position, item in enumerate(items, 1):
        yield position, {} if item is None else item


@asynccontextmanager
async def _spooled(request: Request) -> AsyncIterator[tuple[str, AsyncIterable[bytes]]]:
    """The body on disk, and its digest: an idempotency key must know the whole payload first."""
    digest = sha256()
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_IN_MEMORY) as file:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)

        async def chunks() -> AsyncIterator[bytes]:
            while piece := file.read(PIECE):
                yield piece

        yield digest.hexdigest(), chunks()


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/prompts/batch",
        call=create_prompts,
        needs="prompts:write",
        takes=BatchIn,
        lines=PromptIn,
        answers=BatchOut,
        status=202,
        problems=(409, 413, 415, 422),
        tag="prompts",
    ),
)
