"""Templates: canonical texts with typed slots, their versions, events and differences."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.paging import Asked, AskedPage
from promptuary.api.schemas.templates import (
    DiffOut,
    EventOut,
    TemplateDetail,
    TemplateList,
    TemplateOut,
)
from promptuary.api.serving import Here, InCollection, Serving, known_form
from promptuary.domain.errors import NotFound
from promptuary.domain.templates import Template


async def list_templates(
    request: Request,
    here: Here,
    asked: AskedPage,
    collection: InCollection = None,
    cluster_id: Annotated[
        str | None, Query(description="All versions of that cluster, newest first.")
    ] = None,
    family_id: Annotated[str | None, Query(description="Only of that family.")] = None,
    sort: Literal["created", "size"] = "created",
) -> Response:
    """The current template of every cluster, newest first (or largest, with `sort=size`)."""
    if cluster_id:
        return answer(request, await _of_cluster(here, cluster_id, asked))
    page = await here.promptuary.templates(
        collection=collection,
        family_id=family_id and known_form("family", family_id),
        sort=sort,
        cursor=asked.cursor,
        limit=asked.size,
        offset=asked.offset,
    )
    current = [lineage.template for lineage in page.items]
    return answer(request, _page(current, page.total, asked, page.next_cursor))


async def get_template(request: Request, here: Here, template_id: str) -> Response:
    """Any version by its id; a cluster's id gives its current version."""
    template = await here.promptuary.template(known_form("template", template_id))
    return answer(request, TemplateDetail.of(template), exact=template)


async def list_versions(request: Request, here: Here, template_id: str) -> Response:
    """Every version of the cluster that the template belongs to, ascending."""
    versions = await here.promptuary.versions(known_form("template", template_id))
    return answer(request, [TemplateOut.of(version) for version in versions], exact=versions)


async def list_events(request: Request, here: Here, template_id: str) -> Response:
    """What happened to the cluster that the template belongs to, oldest first."""
    events = await here.promptuary.events(known_form("template", template_id))
    return answer(request, [EventOut.of(event) for event in events], exact=events)


async def list_evolution(request: Request, here: Here, template_id: str) -> Response:
    """The same as `/events`, under the name that older clients ask for."""
    return await list_events(request, here, template_id)


async def diff_templates(
    request: Request,
    here: Here,
    template_id: str,
    to: Annotated[str, Query(description="The id of the other version.")],
) -> Response:
    """How two versions, of one cluster or of two, differ."""
    first, second = known_form("template", template_id), known_form("template", to)
    diff = await here.promptuary.diff(first, second)
    return answer(request, DiffOut.of(diff), exact=diff)


async def _of_cluster(here: Serving, cluster_id: str, asked: Asked) -> TemplateList:
    """A filter that fits nothing gives an empty list, not an error."""
    try:
        lineage = await here.promptuary.lineage(known_form("cluster", cluster_id))
        versions = await here.promptuary.versions(lineage.template.id)
    except NotFound:
        versions = []
    newest = versions[::-1][asked.offset : asked.offset + asked.size]
    return _page(newest, len(versions), asked, None)


def _page(
    templates: list[Template], total: int, asked: Asked, next_cursor: str | None
) -> TemplateList:
    return TemplateList(
        templates=[TemplateOut.of(template) for template in templates],
        total=total,
        page=asked.page,
        page_size=asked.size,
        next_cursor=next_cursor,
    )


_OWN = f"{PREFIX}/templates/{{template_id}}"
OPERATIONS = (
    Operation(
        path=f"{PREFIX}/templates",
        call=list_templates,
        needs="prompts:read",
        answers=TemplateList,
        problems=(404, 422),
        tag="templates",
    ),
    Operation(
        path=_OWN,
        call=get_template,
        needs="prompts:read",
        answers=TemplateDetail,
        problems=(404,),
        tag="templates",
    ),
    Operation(
        path=f"{_OWN}/versions",
        call=list_versions,
        needs="prompts:read",
        answers=list[TemplateOut],
        problems=(404,),
        tag="templates",
    ),
    Operation(
        path=f"{_OWN}/events",
        call=list_events,
        needs="prompts:read",
        answers=list[EventOut],
        problems=(404,),
        tag="templates",
    ),
    Operation(
        path=f"{_OWN}/evolution",
        call=list_evolution,
        needs="prompts:read",
        answers=list[EventOut],
        problems=(404,),
        tag="templates",
    ),
    Operation(
        path=f"{_OWN}/diff",
        call=diff_templates,
        needs="prompts:read",
        answers=DiffOut,
        problems=(404, 422),
        tag="templates",
    ),
)
