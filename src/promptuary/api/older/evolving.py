"""How templates change, under the paths that clients of the older pipeline ask."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.evolving import DriftOut
from promptuary.api.schemas.templates import FamilyList, FamilyOut
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form


async def evolution_families(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Families with the number of their clusters, newest first."""
    asked = here.promptuary.families
    page = await asked(collection=collection, sort="created", cursor=cursor, limit=limit)
    shown = [FamilyOut.of(family) for family in page.items]
    listed = FamilyList(families=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def evolution_drift(
    request: Request,
    here: Here,
    cluster_id: str,
    template_id: Annotated[
        str | None, Query(description="A version of that cluster. Else: the current one.")
    ] = None,
    recent_prompts_count: Annotated[
        int, Query(ge=5, le=100, description="How many of the newest prompts are looked at.")
    ] = 20,
) -> Response:
    """Whether the newest prompts of a cluster still fit its template, counted, without a model."""
    report = await here.promptuary.traffic.drift(
        known_form("cluster", cluster_id),
        template_id and known_form("template", template_id),
        recent=recent_prompts_count,
    )
    return answer(request, DriftOut.of(report), exact=report)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/evolution/families",
        call=evolution_families,
        needs="prompts:read",
        answers=FamilyList,
        problems=(404, 422),
        tag="families",
    ),
    Operation(
        path=f"{PREFIX}/evolution/drift",
        call=evolution_drift,
        needs="prompts:read",
        answers=DriftOut,
        problems=(404, 422),
        tag="clusters",
    ),
)
