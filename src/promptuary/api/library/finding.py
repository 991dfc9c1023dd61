"""Kept prompts found by likeness, what was not found, what traffic says, and who did what."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.library.kept import ONE, Slug
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.kept import AdoptionOut, AuditList, AuditOut, MissList, MissOut
from promptuary.api.schemas.search import SearchOut
from promptuary.api.serving import Cursor, Here, Limit


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
