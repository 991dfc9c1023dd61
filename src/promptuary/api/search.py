"""Search over prompts, templates, families and passages: words, meaning, or both."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import checked, parse, read
from promptuary.api.etags import answer, wants_exact
from promptuary.api.gate import caller_of
from promptuary.api.keys import Caller
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.older import EitherOut
from promptuary.api.schemas.search import (
    OLDER,
    Filtered,
    SearchIn,
    SearchOut,
    SearchQuery,
    Where,
    filter_of,
)
from promptuary.api.serving import Here, Serving
from promptuary.canon.searching import Kind
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, AnyOf, Filter, Not, OneOf
from promptuary.domain.reports import SearchAnswer
from promptuary.retrieval import filter_text
from promptuary.retrieval.passages import Retrieved

MOST_CONDITIONS = 256
USUAL_PASSAGES = 5


async def search(request: Request, here: Here, asked: Annotated[SearchQuery, Query()]) -> Response:
    """Find prompts, templates, families and passages by words or meaning; each hit says why."""
    where = form_of(asked.where) if asked.where else None
    rest = asked.model_dump(exclude={"q", "where"}, exclude_unset=True)
    return await _found(
        request, here, checked(SearchIn, {"query": asked.q, "where": where, **rest})
    )


async def post_search(request: Request, here: Here) -> Response:
    """The same search, asked with a body: for long questions and filters.

    A body of nothing but `query`, `k` and `domains` may come from an older client: passages then
    stand in `results` too, and with `k` or `domains` nothing else is looked for.
    """
    asked = await read(request, SearchIn)
    if asked.model_fields_set <= OLDER and not wants_exact(request):
        return await _both(request, here, asked)
    return await _found(request, here, asked)


async def _found(request: Request, here: Serving, asked: SearchIn) -> Response:
    found = await _searched(here, asked, allowed(asked, caller_of(request)))
    headers = {"Server-Timing": f"search;dur={found.took_ms:.2f}"}
    return answer(request, SearchOut.of(found), exact=found, headers=headers)


async def _both(request: Request, here: Serving, asked: SearchIn) -> Response:
    """Both forms of answer: nobody can say which of them is meant by a query alone."""
    began = time.monotonic()
    found = SearchAnswer((), None, {}, None, 0.0)
    caller = caller_of(request)
    if asked.model_fields_set == {"query"}:
        found = await _searched(here, asked, allowed(asked, caller))
    else:
        caller.require("documents:read")
    passages: list[Retrieved] = []
    if asked.query.strip() and caller.may("documents:read"):
        where, limit = within(asked.domains), asked.k or USUAL_PASSAGES
        finding = partial(here.promptuary.find_passages, where=where, limit=limit)
        passages = await finding(asked.query, explained=False)
    seconds = time.monotonic() - began
    return answer(request, EitherOut.both(SearchOut.of(found), passages, asked.query, seconds))


def allowed(asked: SearchIn, caller: Caller) -> list[Kind]:
    """What is looked for: of what was asked all of it, or else what the caller may see of the
    usual. Raises Forbidden for a kind that needs a scope they lack."""
    if "kinds" not in asked.model_fields_set and not caller.may("prompts:read"):
        return ["passage"]
    for kind in asked.kinds:
        caller.require("documents:read" if kind == "passage" else "prompts:read")
    return list(asked.kinds)


async def _searched(here: Serving, asked: SearchIn, kinds: Sequence[Kind]) -> SearchAnswer:
    found = await here.promptuary.search(
        asked.query,
        kinds=kinds,
        collection=asked.collection,
        where=wanted(asked.where),
        mode=asked.mode,
        facets=asked.facets,
        cursor=asked.cursor,
        limit=asked.limit,
        phrase=asked.phrase,
        prefix=asked.prefix,
        typos=asked.typos,
    )
    here.meters.search(asked.mode, found.took_ms / 1000, empty=not found.hits)
    return found


def within(domains: Sequence[str] | None) -> Filter | None:
    """What stands in one of these: hosts of pages, with a path if need be, or collections."""
    if domains is None:
        return None
    addresses = [f"{scheme}://{each}" for each in domains for scheme in ("https", "http")]
    inside = OneOf("folders", (*domains, *addresses))
    return AnyOf((inside, OneOf("collection", tuple(domains))))


def form_of(where: str) -> Where:
    """The filter of an address. A text never begins with a brace, and JSON always does."""
    return parse(where.encode(), Filtered).root if where.lstrip()[:1] == "{" else where


def wanted(where: Where | None) -> Filter | None:
    """The filter that is meant. Raises INVALID_INPUT for one that is wrong, or too long."""
    if where is None:
        return None
    found = _read(where) if isinstance(where, str) else filter_of(where)
    if _conditions(found) > MOST_CONDITIONS:
        raise ProblemRaised(invalid({"where": f"has over {MOST_CONDITIONS} conditions"}))
    return found


def _read(text: str) -> Filter:
    try:
        return filter_text.parse(text)
    except InvalidInput as error:
        raise ProblemRaised(invalid({"where": error.fields["filter"]})) from None


def _conditions(wanted: Filter) -> int:
    """How many conditions there are, with all that stand inside."""
    match wanted:
        case AllOf(parts) | AnyOf(parts):
            return 1 + sum(map(_conditions, parts))
        case Not(part):
            return 1 + _conditions(part)
        case _:
            return 1


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/search",
        call=search,
        needs="prompts:read",
        instead=("documents:read",),
        answers=SearchOut,
        problems=(404, 422),
        tag="search",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/search",
        call=post_search,
        needs="prompts:read",
        instead=("documents:read",),
        takes=SearchIn,
        answers=SearchOut | EitherOut,
        problems=(404, 413, 415, 422),
        tag="search",
    ),
)
