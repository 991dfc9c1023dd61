"""Refining over HTTP: nothing is kept."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.refining import RefineIn, RefineOut
from promptuary.api.serving import Here


async def refine(request: Request, here: Here) -> Response:
    """Put a quick note in order: a prompt that keeps every word that matters, with what is still
    open, what was found, and where borrowed words come from."""
    asked = await read(request, RefineIn)
    refined = await here.promptuary.library.refine(
        asked.lazy_prompt, asked.wishes, engine=asked.engine, tenant=caller_of(request).tenant
    )
    return answer(request, RefineOut.of(refined), exact=refined)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/refine",
        call=refine,
        needs="library:read",
        takes=RefineIn,
        answers=RefineOut,
        problems=(413, 415, 422),
        tag="library",
    ),
)
