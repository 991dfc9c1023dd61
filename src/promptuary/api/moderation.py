"""Moderation: texts judged, as OpenAI's clients ask it, and what was refused reviewed by people."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer, listed
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.moderation import (
    AsideList,
    DecisionIn,
    ModerationIn,
    ModerationOut,
    ReviewList,
    ReviewOut,
)
from promptuary.api.schemas.prompts import PlacedPromptOut, PromptOut
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form


async def moderate(request: Request, here: Here) -> Response:
    """What moderation says of one text or several, as OpenAI's interface answers; nothing is
    kept."""
    asked = await read(request, ModerationIn)
    verdicts = await here.promptuary.moderation.check(asked.texts)
    judge = here.promptuary.moderation.judges(verdicts)
    return answer(request, ModerationOut.of(judge, verdicts), exact=verdicts)


async def list_aside(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Prompts that were refused and that nobody has decided about, newest first."""
    page = await here.promptuary.moderation.list(collection, cursor=cursor, limit=limit)
    shown = [PromptOut.of(prompt) for prompt in page.items]
    return listed(request, AsideList, page, prompts=shown)


async def list_reviews(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What was decided, by whom and why, the last first."""
    page = await here.promptuary.moderation.reviews(collection, cursor=cursor, limit=limit)
    shown = [ReviewOut.of(review) for review in page.items]
    return listed(request, ReviewList, page, reviews=shown)


async def release_prompt(request: Request, here: Here, prompt_id: str) -> Response:
    """Let a refused prompt be one like any other: it is placed, mined and indexed."""
    asked = await read(request, DecisionIn)
    own, by = known_form("prompt", prompt_id), caller_of(request).id
    placed = await here.promptuary.moderation.release(own, by=by, reason=asked.reason)
    return answer(request, PlacedPromptOut.placed(placed), exact=placed)


async def reject_prompt(request: Request, here: Here, prompt_id: str) -> Response:
    """Leave a refused prompt aside, and ask nobody about it any more."""
    asked = await read(request, DecisionIn)
    own, by = known_form("prompt", prompt_id), caller_of(request).id
    review = await here.promptuary.moderation.reject(own, by=by, reason=asked.reason)
    return answer(request, ReviewOut.of(review), exact=review)


_ASIDE = f"{PREFIX}/moderation/prompts"
OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/moderations",
        call=moderate,
        needs="prompts:write",
        takes=ModerationIn,
        answers=ModerationOut,
        problems=(413, 415, 422),
        tag="moderation",
    ),
    Operation(
        path=_ASIDE,
        call=list_aside,
        needs="admin",
        answers=AsideList,
        problems=(404, 422),
        tag="moderation",
    ),
    Operation(
        path=f"{PREFIX}/moderation/reviews",
        call=list_reviews,
        needs="admin",
        answers=ReviewList,
        problems=(422,),
        tag="moderation",
    ),
    Operation(
        method="POST",
        path=f"{_ASIDE}/{{prompt_id}}/release",
        call=release_prompt,
        needs="admin",
        takes=DecisionIn,
        answers=PlacedPromptOut,
        problems=(404, 409, 413, 415, 422),
        tag="moderation",
    ),
    Operation(
        method="POST",
        path=f"{_ASIDE}/{{prompt_id}}/reject",
        call=reject_prompt,
        needs="admin",
        takes=DecisionIn,
        answers=ReviewOut,
        problems=(404, 409, 413, 415, 422),
        tag="moderation",
    ),
)
