"""Versions of a kept prompt: listed, compared, labelled, merged, filled, rated."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.library.kept import (
    ONE,
    WRITING,
    Slug,
    author_of,
    expected,
    may_protect,
    told,
)
from promptuary.api.operations import Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.kept import (
    KeptOut,
    LabelOut,
    LabelsOut,
    PromptOut,
    RatingList,
    RatingOut,
    RenderedOut,
    VersionDiffOut,
    VersionList,
    VersionOut,
)
from promptuary.api.schemas.library import Label, LabelIn, MergeIn, RatingIn, RenderIn
from promptuary.api.serving import Cursor, Here, Limit
from promptuary.library.syntaxes.compiled import Value


async def list_kept_versions(
    request: Request,
    here: Here,
    slug: Slug,
    branch: Annotated[Label | None, Query(description="Only of this branch.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Every version of a prompt, newest first."""
    page = await here.promptuary.library.versions(
        slug, branch=branch, cursor=cursor, limit=limit, tenant=caller_of(request).tenant
    )
    shown = [VersionOut.of(each) for each in page.items]
    listed = VersionList(versions=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def diff_versions(
    request: Request,
    here: Here,
    slug: Slug,
    before: Annotated[Label, Query(description="As a version is named.")],
    after: Annotated[Label, Query(description="As a version is named.")] = "latest",
) -> Response:
    """How two versions of a prompt differ."""
    found = await here.promptuary.library.diff(
        slug, before, after, tenant=caller_of(request).tenant
    )
    shown = VersionDiffOut(
        before=found.before.number,
        after=found.after.number,
        lines=list(found.lines),
        slots_added=list(found.slots_added),
        slots_removed=list(found.slots_removed),
        slots_changed=list(found.slots_changed),
        config_changed=found.config_changed,
    )
    return answer(request, shown, exact=found)


async def list_labels(request: Request, here: Here, slug: Slug) -> Response:
    """The labels of a prompt, `latest` first."""
    found = await here.promptuary.library.labels(slug, tenant=caller_of(request).tenant)
    shown = LabelsOut(labels=[LabelOut.model_validate(each) for each in found])
    return answer(request, shown, exact=found)


async def move_label(request: Request, here: Here, slug: Slug) -> Response:
    """Make or move a label. A protected one needs the scope `library:protect` as well."""
    said = await read(request, LabelIn)
    caller = caller_of(request)
    if said.protected is not None:
        caller.require("library:protect")
    found = await here.promptuary.library.label(
        slug,
        said.name,
        said.version,
        protected=said.protected,
        override=may_protect(caller),
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller.tenant,
    )
    return answer(request, LabelOut.model_validate(found), exact=found)


async def remove_label(request: Request, here: Here, slug: Slug, name: str) -> Response:
    """Take a label away; one that is not there is no error."""
    caller = caller_of(request)
    library = here.promptuary.library
    await library.unlabel(
        slug,
        name,
        override=may_protect(caller),
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller.tenant,
    )
    left = await library.labels(slug, tenant=caller.tenant)
    shown = LabelsOut(labels=[LabelOut.model_validate(each) for each in left])
    return answer(request, shown, exact=left)


async def merge_versions(request: Request, here: Here, slug: Slug) -> Response:
    """Bring a branch into another; what both changed is a conflict unless `prefer` decides."""
    said = await read(request, MergeIn)
    kept = await here.promptuary.library.merge(
        slug,
        said.branch,
        said.into,
        prefer=said.prefer,
        message=said.message,
        author=author_of(request),
        expected_revision=expected(request),
        tenant=caller_of(request).tenant,
    )
    return told(request, kept)


async def render_prompt(request: Request, here: Here, slug: Slug) -> Response:
    """The prompt with its slots filled. Values are data, never templates and never roles."""
    said = await read(request, RenderIn)
    made = await here.promptuary.library.render(
        slug,
        {name: _value(name, value) for name, value in said.values.items()},
        version=said.version,
        label=said.label,
        messages={name: [each.turn() for each in m] for name, m in said.messages.items()},
        user=author_of(request, said.user),
        tenant=caller_of(request).tenant,
    )
    return answer(request, RenderedOut.model_validate(made), exact=made)


async def list_ratings(
    request: Request, here: Here, slug: Slug, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What people thought of a prompt's versions, in the order given."""
    page = await here.promptuary.library.ratings(
        slug, cursor=cursor, limit=limit, tenant=caller_of(request).tenant
    )
    shown = [RatingOut.model_validate(each) for each in page.items]
    listed = RatingList(ratings=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def rate_prompt(request: Request, here: Here, slug: Slug) -> Response:
    """Say what a version is worth, 1 (bad) to 5 (good)."""
    said = await read(request, RatingIn)
    prompt = await here.promptuary.library.rate(
        slug,
        said.stars,
        said.version,
        key=said.key,
        comment=said.comment,
        author=author_of(request, said.author),
        tenant=caller_of(request).tenant,
    )
    return answer(request, PromptOut.of(prompt), exact=prompt, status=201)


def _value(name: str, value: object) -> Value:
    """JSON is plain data already; the type checker cannot know."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list):
        return [_value(name, each) for each in value]
    if isinstance(value, dict):
        return {str(key): _value(name, each) for key, each in value.items()}
    raise ProblemRaised(invalid({f"values.{name}": "is no JSON"}))


OPERATIONS = (
    Operation(
        path=f"{ONE}/versions",
        call=list_kept_versions,
        needs="library:read",
        answers=VersionList,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/diff",
        call=diff_versions,
        needs="library:read",
        answers=VersionDiffOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/labels",
        call=list_labels,
        needs="library:read",
        answers=LabelsOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/labels",
        call=move_label,
        needs="library:write",
        takes=LabelIn,
        answers=LabelOut,
        problems=WRITING,
        tag="library",
    ),
    Operation(
        method="DELETE",
        path=f"{ONE}/labels/{{name}}",
        call=remove_label,
        needs="library:write",
        answers=LabelsOut,
        problems=(404, 412, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/merge",
        call=merge_versions,
        needs="library:write",
        takes=MergeIn,
        answers=KeptOut,
        problems=WRITING,
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/render",
        call=render_prompt,
        needs="library:read",
        takes=RenderIn,
        answers=RenderedOut,
        problems=(404, 413, 415, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/ratings",
        call=list_ratings,
        needs="library:read",
        answers=RatingList,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/ratings",
        call=rate_prompt,
        needs="library:write",
        takes=RatingIn,
        answers=PromptOut,
        status=201,
        problems=(404, 413, 415, 422),
        tag="library",
    ),
)
