"""Prompts: sent one by one, read back with their placement."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import parse
from promptuary.api.etags import answer, wants_exact
from promptuary.api.idempotency import payload_digest
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import Problem, response
from promptuary.api.schemas.prompts import (
    CollectionList,
    CollectionOut,
    PlacedPromptOut,
    PromptList,
    PromptOut,
    SubmitIn,
    Submitted,
)
from promptuary.api.serving import Cursor, Here, InCollection, Limit, Serving, known_form
from promptuary.domain.errors import Conflict, InvalidInput
from promptuary.domain.prompts import ModerationStatus
from promptuary.domain.reports import PlacedPrompt, RejectedItem


async def create_prompt(request: Request, here: Here) -> Response:
    """Save one prompt and place it against the known templates.

    The answer means that it is durable. A prompt that fits no template stands alone or waits until
    enough like it have come. With `wait` false it is saved only, and a worker places it.
    """
    body = await request.body()
    sent = parse(body, SubmitIn)
    check_length(sent.content, here.settings.max_content_characters)

    async def work() -> Response:
        if sent.wait:
            return await _placed(request, here, sent)
        return await _received(request, here, sent)

    return await here.replies.once(request, payload_digest(body), work)


async def list_prompts(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cluster_id: Annotated[str | None, Query(description="Only of that cluster.")] = None,
    family_id: Annotated[
        str | None, Query(description="Only those of that family by themselves.")
    ] = None,
    status: Annotated[ModerationStatus | None, Query(description="Only so moderated.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Distinct prompts, newest first."""
    page = await here.promptuary.prompts(
        collection=collection,
        lineage_id=cluster_id and known_form("cluster", cluster_id),
        family_id=family_id and known_form("family", family_id),
        status=status,
        cursor=cursor,
        limit=limit,
    )
    shown = [PromptOut.of(prompt) for prompt in page.items]
    listed = PromptList(prompts=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def get_prompt(request: Request, here: Here, prompt_id: str) -> Response:
    """A prompt with its placement: the template, the slots' values, the residual, the reasons."""
    placed = await here.promptuary.prompt(known_form("prompt", prompt_id))
    return answer(request, PlacedPromptOut.placed(placed), exact=placed)


async def list_collections(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Collections by name."""
    page = await here.promptuary.collections(cursor=cursor, limit=limit)
    shown = [CollectionOut.of(collection) for collection in page.items]
    listed = CollectionList(collections=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


def check_length(content: str, most: int) -> None:
    """Raises InvalidInput for a content over `most` characters."""
    if len(content) > most:
        what = f"has {len(content):,} characters; at most {most:,} are taken here"
        raise InvalidInput(f"content {what}", fields={"content": what})


async def _placed(request: Request, here: Serving, sent: SubmitIn) -> Response:
    placed = await here.promptuary.submit(sent.incoming(), collection=sent.collection)
    if placed.prompt.status == "rejected":
        refused = _refused(request, here, _refusal(placed))
        kept = PlacedPromptOut.placed(placed)
        exact = answer(request, kept, exact=placed, status=201)
        return exact if wants_exact(request) else refused
    placement = placed.placement
    version = await here.versions.of(placement.template_id) if placement else None
    submitted = Submitted.of(placed, version)
    here.meters.prompts(submitted.status)
    return answer(request, submitted, exact=placed, status=201)


async def _received(request: Request, here: Serving, sent: SubmitIn) -> Response:
    report = await here.promptuary.ingest(
        [sent.incoming()], collection=sent.collection, batch_id=str(uuid4()), place=False
    )
    for item in report.rejected:
        if item.prompt_id is not None:
            return _refused(request, here, item)
        if item.code == Conflict.code:
            raise Conflict(item.reason)
        raise InvalidInput(item.reason, fields={"content": item.reason})
    here.meters.prompts("received")
    own = report.first_id or ""  # one prompt was sent, and it was kept
    received = Submitted(prompt_id=own, status="received", waiting=True, job_id=report.job_id)
    return answer(request, received, status=202)


def _refusal(placed: PlacedPrompt) -> RejectedItem:
    verdict = placed.prompt.verdict
    reason = verdict.reason or "moderation refused the prompt"
    return RejectedItem(
        1, "MODERATION_REFUSED", reason, tuple(sorted(verdict.scores)), placed.prompt.id
    )


def _refused(request: Request, here: Serving, item: RejectedItem) -> Response:
    here.meters.prompts("rejected")
    here.meters.refusal("MODERATION_REFUSED")
    more = {
        "reason": item.reason,
        "categories": list(item.categories),
        "prompt_id": item.prompt_id,
    }
    return response(request.scope, Problem("MODERATION_REFUSED", item.reason, more=more))


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/prompts",
        call=create_prompt,
        needs="prompts:write",
        takes=SubmitIn,
        answers=Submitted,
        status=201,
        also=((202, "Saved; a worker places it (`wait` was false)."),),
        problems=(400, 409, 413, 415, 422),
        tag="prompts",
    ),
    Operation(
        path=f"{PREFIX}/prompts",
        call=list_prompts,
        needs="prompts:read",
        answers=PromptList,
        problems=(404, 422),
        tag="prompts",
    ),
    Operation(
        path=f"{PREFIX}/prompts/{{prompt_id}}",
        call=get_prompt,
        needs="prompts:read",
        answers=PlacedPromptOut,
        problems=(404,),
        tag="prompts",
    ),
    Operation(
        path=f"{PREFIX}/collections",
        call=list_collections,
        needs="prompts:read",
        answers=CollectionList,
        problems=(422,),
        tag="prompts",
    ),
)
