"""Clusters: a template through time with the prompts it explains."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.paging import AskedPage
from promptuary.api.schemas.prompts import PromptOut
from promptuary.api.schemas.templates import ClusterDetail, ClusterList, ClusterOut
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form


async def list_clusters(
    request: Request,
    here: Here,
    asked: AskedPage,
    collection: InCollection = None,
    family_id: Annotated[str | None, Query(description="Only of that family.")] = None,
    sort: Literal["created", "size"] = "created",
) -> Response:
    """Clusters, newest first (or largest, with `sort=size`)."""
    page = await here.promptuary.templates(
        collection=collection,
        family_id=family_id and known_form("family", family_id),
        sort=sort,
        cursor=asked.cursor,
        limit=asked.size,
        offset=asked.offset,
    )
    threshold = here.settings.match_threshold
    shown = ClusterList(
        clusters=[ClusterOut.of(lineage, threshold) for lineage in page.items],
        total=page.total,
        page=asked.page,
        page_size=asked.size,
        next_cursor=page.next_cursor,
    )
    return answer(request, shown, exact=page)


async def get_cluster(request: Request, here: Here, cluster_id: str) -> Response:
    """A cluster with its template and its newest prompts (twenty; `/prompts` has all)."""
    own = known_form("cluster", cluster_id)
    lineage = await here.promptuary.lineage(own)
    page = await here.promptuary.prompts(lineage_id=own, limit=20)
    prompts = [PromptOut.of(prompt) for prompt in page.items]
    threshold = here.settings.match_threshold
    return answer(request, ClusterDetail.with_prompts(lineage, threshold, prompts), exact=lineage)


async def list_cluster_prompts(
    request: Request, here: Here, cluster_id: str, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The prompts of a cluster, newest first.

    The answer is the bare list; the next page is in the `Link` header, the number of all prompts
    in `X-Total-Count`.
    """
    own = known_form("cluster", cluster_id)
    await here.promptuary.lineage(own)
    page = await here.promptuary.prompts(lineage_id=own, cursor=cursor, limit=limit)
    headers = {"X-Total-Count": str(page.total)}
    if page.next_cursor:
        query = urlencode({"cursor": page.next_cursor, "limit": limit})
        headers["Link"] = f'<{PREFIX}/clusters/{own}/prompts?{query}>; rel="next"'
    return answer(request, [PromptOut.of(prompt) for prompt in page.items], headers=headers)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/clusters",
        call=list_clusters,
        needs="prompts:read",
        answers=ClusterList,
        problems=(404, 422),
        tag="clusters",
    ),
    Operation(
        path=f"{PREFIX}/clusters/{{cluster_id}}",
        call=get_cluster,
        needs="prompts:read",
        answers=ClusterDetail,
        problems=(404,),
        tag="clusters",
    ),
    Operation(
        path=f"{PREFIX}/clusters/{{cluster_id}}/prompts",
        call=list_cluster_prompts,
        needs="prompts:read",
        answers=list[PromptOut],
        problems=(404, 422),
        tag="clusters",
    ),
)
