"""Families: clusters whose templates ask the same thing."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.templates import ClusterOut, FamilyDetail, FamilyList, FamilyOut
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form


async def list_families(
    request: Request,
    here: Here,
    collection: InCollection = None,
    sort: Literal["size", "created", "name"] = "size",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Families, largest first."""
    page = await here.promptuary.families(
        collection=collection, sort=sort, cursor=cursor, limit=limit
    )
    shown = [FamilyOut.of(family) for family in page.items]
    listed = FamilyList(families=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def get_family(request: Request, here: Here, family_id: str) -> Response:
    """A family with its largest clusters (twenty; `/clusters?family_id=` has all)."""
    own = known_form("family", family_id)
    family = await here.promptuary.family(own)
    page = await here.promptuary.templates(family_id=own, limit=20)
    threshold = here.settings.match_threshold
    clusters = [ClusterOut.of(lineage, threshold) for lineage in page.items]
    return answer(request, FamilyDetail.with_clusters(family, clusters), exact=family)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/families",
        call=list_families,
        needs="prompts:read",
        answers=FamilyList,
        problems=(404, 422),
        tag="families",
    ),
    Operation(
        path=f"{PREFIX}/families/{{family_id}}",
        call=get_family,
        needs="prompts:read",
        answers=FamilyDetail,
        problems=(404,),
        tag="families",
    ),
)
