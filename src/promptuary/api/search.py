"""Search over prompts, templates and families: words, meaning, or both."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import checked, parse, read
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.search import (
    Condition,
    Filtered,
    SearchIn,
    SearchOut,
    SearchQuery,
    conditions,
    filter_of,
)
from promptuary.api.serving import Here, Serving
from promptuary.domain.filters import Filter

MOST_CONDITIONS = 256


async def search(request: Request, here: Here, asked: Annotated[SearchQuery, Query()]) -> Response:
    """Find prompts, templates and families by words, meaning or both; each hit says why."""
    where = parse(asked.where.encode(), Filtered).root if asked.where else None
    rest = asked.model_dump(exclude={"q", "where"})
    return await _found(
        request, here, checked(SearchIn, {"query": asked.q, "where": where, **rest})
    )


async def post_search(request: Request, here: Here) -> Response:
    """The same search, asked with a body: for long questions and filters."""
    return await _found(request, here, await read(request, SearchIn))


async def _found(request: Request, here: Serving, asked: SearchIn) -> Response:
    found = await here.promptuary.search(
        asked.query,
        kinds=asked.kinds,
        collection=asked.collection,
        where=_filter(asked.where),
        mode=asked.mode,
        facets=asked.facets,
        cursor=asked.cursor,
        limit=asked.limit,
        phrase=asked.phrase,
        prefix=asked.prefix,
        typos=asked.typos,
    )
    here.meters.search(asked.mode, found.took_ms / 1000, empty=not found.hits)
    headers = {"Server-Timing": f"search;dur={found.took_ms:.2f}"}
    return answer(request, SearchOut.of(found), headers=headers)


def _filter(where: Condition | None) -> Filter | None:
    if where is None:
        return None
    if conditions(where) > MOST_CONDITIONS:
        raise ProblemRaised(invalid({"where": f"has over {MOST_CONDITIONS} conditions"}))
    return filter_of(where)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/search",
        call=search,
        needs="prompts:read",
        answers=SearchOut,
        problems=(404, 422),
        tag="search",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/search",
        call=post_search,
        needs="prompts:read",
        takes=SearchIn,
        answers=SearchOut,
        problems=(404, 413, 415, 422),
        tag="search",
    ),
)
