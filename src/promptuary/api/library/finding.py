"""Kept prompts found: by words and meaning, by likeness; and what traffic says of the library."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.library.kept import ONE, Slug
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Moment, Name, Wire
from promptuary.api.schemas.kept import AdoptionOut, AuditList, AuditOut, MissList, MissOut
from promptuary.api.schemas.search import MODE, SearchOut, Words
from promptuary.api.search import form_of, wanted
from promptuary.api.serving import Cursor, Here, Limit
from promptuary.domain.library import Domain, Expertise
from promptuary.library.searching import Sorting


class LibraryQuery(Wire):
    """A search of the library. Every filter that is given must hold; `where` is one as text."""

    q: Words = Field(description="What to look for.")
    mode: MODE = "hybrid"
    domain: Domain | None = None
    expertise: Expertise | None = None
    tag: list[Name] = Field(default_factory=list, max_length=20, description="All of them.")
    folder: Name | None = Field(default=None, description="This one and those inside it.")
    created_after: Moment | None = None
    min_rating: float | None = Field(default=None, ge=0, le=5)
    archived: bool = Field(default=False, description="Archived ones instead.")
    where: str | None = Field(default=None, max_length=8192, description="A filter.")
    facet: list[Name] = Field(default_factory=list, max_length=8, description="Fields to count.")
    sort: Sorting = "relevance"
    cursor: Cursor = None
    limit: int = Field(default=10, ge=1, le=100)
    phrase: bool = False
    prefix: bool = Field(default=False, description="The last word is still being typed.")
    typos: bool = True


async def search_library(
    request: Request, here: Here, asked: Annotated[LibraryQuery, Query()]
) -> Response:
    """Kept prompts by words and meaning, best first; each hit says why it was found."""
    since: datetime | None = asked.created_after
    found = await here.promptuary.library.search(
        asked.q,
        mode=asked.mode,
        domain=asked.domain,
        expertise=asked.expertise,
        tags=asked.tag,
        folder=asked.folder,
        created_after=since,
        min_rating=asked.min_rating,
        archived=asked.archived,
        where=wanted(form_of(asked.where)) if asked.where else None,
        facets=asked.facet,
        sort=asked.sort,
        cursor=asked.cursor,
        limit=asked.limit,
        phrase=asked.phrase,
        prefix=asked.prefix,
        typos=asked.typos,
        tenant=caller_of(request).tenant,
    )
    here.meters.search(asked.mode, found.took_ms / 1000, empty=not found.hits)
    headers = {"Server-Timing": f"search;dur={found.took_ms:.2f}"}
    return answer(request, SearchOut.of(found), exact=found, headers=headers)


async def list_similar(
    request: Request, here: Here, slug: Slug, cursor: Cursor = None, limit: Limit = 10
) -> Response:
    """Kept prompts like this one, the nearest first."""
    found = await here.promptuary.library.similar(
        slug, limit=limit, cursor=cursor, tenant=caller_of(request).tenant
    )
    return answer(request, SearchOut.of(found), exact=found)


async def list_misses(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What was looked for in the library and not found, most frequent first."""
    page = await here.promptuary.library.misses(
        cursor=cursor, limit=limit, tenant=caller_of(request).tenant
    )
    shown = [MissOut.model_validate(each) for each in page.items]
    listed = MissList(misses=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def list_shadows(request: Request, here: Here, limit: Limit = 50) -> Response:
    """How much of the traffic kept prompts explain, what none does, and what has drifted."""
    found = await here.promptuary.library.shadows(limit=limit, tenant=caller_of(request).tenant)
    return answer(request, AdoptionOut.model_validate(found), exact=found)


async def audit_prompt(
    request: Request, here: Here, slug: Slug, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Who did what to a prompt, newest first."""
    return await _audit(request, here, slug, cursor, limit)


async def audit_library(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Who did what in the library, newest first."""
    return await _audit(request, here, None, cursor, limit)


async def _audit(
    request: Request, here: Here, slug: str | None, cursor: str | None, limit: int
) -> Response:
    page = await here.promptuary.library.audit(
        slug, cursor=cursor, limit=limit, tenant=caller_of(request).tenant
    )
    shown = [AuditOut.model_validate(each) for each in page.items]
    listed = AuditList(entries=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


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
        path=f"{PREFIX}/library/misses",
        call=list_misses,
        needs="library:read",
        answers=MissList,
        problems=(422,),
        tag="library",
    ),
    Operation(
        path=f"{PREFIX}/library/shadows",
        call=list_shadows,
        needs="library:read",
        answers=AdoptionOut,
        problems=(422,),
        tag="library",
    ),
    Operation(
        path=f"{PREFIX}/library/audit",
        call=audit_library,
        needs="library:read",
        answers=AuditList,
        problems=(422,),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/similar",
        call=list_similar,
        needs="library:read",
        answers=SearchOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/audit",
        call=audit_prompt,
        needs="library:read",
        answers=AuditList,
        problems=(404, 422),
        tag="library",
    ),
)
