"""Kept prompts: listed, given, saved, described, archived."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.idempotency import payload_digest
from promptuary.api.library.kept import (
    ONE,
    PROMPTS,
    WRITING,
    Slug,
    author_of,
    expected,
    may_protect,
    told,
)
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.kept import KeptOut, PromptList, PromptOut
from promptuary.api.schemas.library import AboutIn, AdoptIn, Key, Label, Nothing, SaveIn
from promptuary.api.serving import Clean, Cursor, Here, Limit
from promptuary.domain.library import Domain
from promptuary.library.experimenting import PRODUCTION
from promptuary.ports._library import Sort


async def list_library(
    request: Request,
    here: Here,
    folder: Annotated[Clean | None, Query(description="This one and those inside it.")] = None,
    tag: Annotated[Clean | None, Query(description="Only with this tag.")] = None,
    domain: Annotated[Domain | None, Query(description="Only of this domain.")] = None,
    archived: Annotated[bool, Query(description="Archived ones instead.")] = False,
    sort: Annotated[Sort, Query(description="What comes first.")] = "slug",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Kept prompts, a page at a time, without what they say."""
    page = await here.promptuary.library.list(
        folder=folder,
        tag=tag,
        domain=domain,
        archived=archived,
        sort=sort,
        cursor=cursor,
        limit=limit,
        tenant=caller_of(request).tenant,
    )
    shown = [PromptOut.of(each) for each in page.items]
    listed = PromptList(prompts=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def get_kept_prompt(
    request: Request,
    here: Here,
    slug: Slug,
    label: Annotated[Label | None, Query(description="The version that it points at.")] = None,
    version: Annotated[
        Label | None, Query(description="A number, a label, a branch, or 7 characters of an id.")
    ] = None,
    count: Annotated[bool, Query(description="Whether this is a use.")] = True,
    key: Annotated[
        Key | None, Query(description="Who asks: given what an experiment gives them.")
    ] = None,
) -> Response:
    """A prompt with one of its versions, the latest unless said. The ETag changes only with what
    is given, so that a client may keep it and ask whether it is still true."""
    library = here.promptuary.library
    who = {"user": author_of(request), "tenant": caller_of(request).tenant}
    if key is None:
        kept = await library.get(slug, version, label=label, count=count, **who)
    elif version is None:
        kept = await library.serve(slug, key, label=label or PRODUCTION, **who)
    else:
        raise ProblemRaised(invalid({"key": "is for a label, not for a version"}))
    return told(request, kept)


async def save_prompt(request: Request, here: Here) -> Response:
    """Keep a prompt, or the next version of one. `If-Match` names the revision that was seen,
    `If-None-Match: *` says that there is none yet."""
    said = await read(request, SaveIn)
    caller = caller_of(request)
    revision = expected(request)

    async def work() -> Response:
        kept = await here.promptuary.library.save(
            said.slug,
            said.says(),
            about=said.about.about() if said.about else None,
            message=said.message,
            author=author_of(request, said.author),
            branch=said.branch,
            labels=said.labels,
            override=may_protect(caller),
            expected_revision=revision,
            tenant=caller.tenant,
        )
        return told(request, kept, status=201)

    known_by = b"%d " % (-1 if revision is None else revision) + await request.body()
    return await here.replies.once(request, payload_digest(known_by), work)


async def describe_prompt(request: Request, here: Here, slug: Slug) -> Response:
    """Change what is said about a prompt, all of it, without a new version."""
    said = await read(request, AboutIn)
    prompt = await here.promptuary.library.describe(
        slug,
        said.about(),
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller_of(request).tenant,
    )
    return answer(request, PromptOut.of(prompt), exact=prompt)


async def archive_prompt(request: Request, here: Here, slug: Slug) -> Response:
    """Take a prompt out of lists and searches; by its slug it is still given."""
    prompt = await here.promptuary.library.archive(
        slug,
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller_of(request).tenant,
    )
    return answer(request, PromptOut.of(prompt), exact=prompt)


async def restore_prompt(request: Request, here: Here, slug: Slug) -> Response:
    """Bring an archived prompt back."""
    prompt = await here.promptuary.library.restore(
        slug,
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller_of(request).tenant,
    )
    return answer(request, PromptOut.of(prompt), exact=prompt)


async def adopt_template(request: Request, here: Here) -> Response:
    """Keep a template that was found in traffic, with its slots and where it came from."""
    said = await read(request, AdoptIn)
    kept = await here.promptuary.library.adopt(
        said.template,
        said.slug,
        labels=said.labels,
        author=author_of(request),
        tenant=caller_of(request).tenant,
    )
    return told(request, kept, status=201)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{ONE}/about",
        call=describe_prompt,
        needs="library:write",
        takes=AboutIn,
        answers=PromptOut,
        problems=WRITING,
        tag="library",
    ),
    Operation(
        method="DELETE",
        path=ONE,
        call=archive_prompt,
        needs="library:write",
        answers=PromptOut,
        problems=(404, 412, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/restore",
        call=restore_prompt,
        needs="library:write",
        takes=Nothing,
        answers=PromptOut,
        problems=(404, 412, 413, 415, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/library/adoptions",
        call=adopt_template,
        needs="library:write",
        takes=AdoptIn,
        answers=KeptOut,
        status=201,
        problems=WRITING,
        tag="library",
    ),
    Operation(
        path=PROMPTS,
        call=list_library,
        needs="library:read",
        answers=PromptList,
        problems=(422,),
        tag="library",
    ),
    Operation(
        method="POST",
        path=PROMPTS,
        call=save_prompt,
        needs="library:write",
        takes=SaveIn,
        answers=KeptOut,
        status=201,
        problems=WRITING,
        tag="library",
    ),
    Operation(
        path=ONE,
        call=get_kept_prompt,
        needs="library:read",
        answers=KeptOut,
        problems=(404, 422),
        tag="library",
    ),
)
