"""Kept prompts found by words and meaning, asked in an address or with a body."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import checked, read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.kept_search import LibraryQuery, LibrarySearchIn
from promptuary.api.schemas.search import SearchOut
from promptuary.api.search import form_of, wanted
from promptuary.api.serving import Here, Serving


async def search_library(
    request: Request, here: Here, asked: Annotated[LibraryQuery, Query()]
) -> Response:
    """Kept prompts by words and meaning, best first; each hit says why it was found."""
    filters = {
        "domain": asked.domain,
        "expertise_level": asked.expertise,
        "tags": asked.tag,
        "folder": asked.folder,
        "created_after": asked.created_after,
        "min_rating": asked.min_rating,
        "archived": asked.archived,
    }
    told = asked.model_dump(include=LibrarySearchIn.model_fields.keys() - {"where"})
    where = form_of(asked.where) if asked.where else None
    told |= {"query": asked.q, "filters": filters, "where": where, "facets": asked.facet}
    return await _found(request, here, checked(LibrarySearchIn, told))


async def post_library_search(request: Request, here: Here) -> Response:
    """The same search, asked with a body: for long questions and filters."""
    return await _found(request, here, await read(request, LibrarySearchIn))


async def _found(request: Request, here: Serving, asked: LibrarySearchIn) -> Response:
    filters = asked.filters
    found = await here.promptuary.library.search(
        asked.query,
        mode=asked.mode,
        domain=filters.domain,
        expertise=filters.expertise_level,
        tags=filters.tags,
        folder=filters.folder,
        created_after=filters.created_after,
        min_rating=filters.min_rating,
        archived=filters.archived,
        where=wanted(asked.where),
        facets=asked.facets,
        sort=asked.sort,
        cursor=asked.cursor,
        limit=asked.limit,
        phrase=asked.phrase,
        prefix=asked.prefix,
        typos=asked.typos,
        tenant=caller_of(request).tenant,
    )
    here.meters.search(asked.mode, found.took_ms / 1000, empty=not found.hits)
    if not asked.explain:
        found = replace(found, hits=tuple(replace(hit, reasons=()) for hit in found.hits))
    headers = {"Server-Timing": f"search;dur={found.took_ms:.2f}"}
    return answer(request, SearchOut.of(found), exact=found, headers=headers)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/library/search",
        call=search_library,
        needs="library:read",
        answers=SearchOut,
        problems=(422,),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/library/search",
        call=post_library_search,
        needs="library:read",
        takes=LibrarySearchIn,
        answers=SearchOut,
        problems=(413, 415, 422),
        tag="library",
    ),
)
