"""What Langfuse's clients read: prompts by name and label, under the paths and in the shapes that
they know. Their secret key is an API key of ours; the public key beside it may be anything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count
from typing import Annotated, Final, TypeAlias

from fastapi import Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.gate import caller_of
from promptuary.api.keys import LANGFUSE
from promptuary.api.operations import Operation
from promptuary.api.schemas.basics import CLEAN
from promptuary.api.serving import Clean, Here, PageNumber
from promptuary.domain.library import LATEST, KeptPrompt, LibraryPrompt, PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.langfuse import template
from promptuary.library.exchange.times import to_iso
from promptuary.library.face import Library
from promptuary.library.references import references, with_texts

SERVED: Final = "production"
"""What is given where neither label nor version is asked for."""
AT_ONCE: Final = 100
DEEPEST: Final = 10
Label: TypeAlias = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=CLEAN)] | None,
    Query(description="A label; `production` unless a version is asked for."),
]
Number: TypeAlias = Annotated[int | None, Query(ge=1, le=1_000_000, description="Instead.")]
Since: TypeAlias = Annotated[datetime | None, Query(description="Changed then or later.")]


async def get_langfuse_prompt(
    request: Request, here: Here, name: str, version: Number = None, label: Label = None
) -> Response:
    """One version of a prompt, with what it includes put into its text."""
    library, caller = here.promptuary.library, caller_of(request)
    tenant = caller.tenant
    if version is not None:
        kept = await library.get(name, version, user=caller.id, tenant=tenant)
    else:
        kept = await library.get(name, label=label or SERVED, user=caller.id, tenant=tenant)
    content = await _inlined(library, kept.version.content, tenant, (name,))
    return _json(_prompt(kept, content))


async def list_langfuse_prompts(
    request: Request,
    here: Here,
    name: Annotated[Clean | None, Query(description="Only this one.")] = None,
    label: Label = None,
    tag: Annotated[Clean | None, Query(description="Only those that have it.")] = None,
    page: PageNumber = 1,
    limit: Annotated[int, Query(ge=1, le=100, description="Most items of a page.")] = 50,
    from_: Annotated[Since, Query(alias="fromUpdatedAt")] = None,
    to: Annotated[datetime | None, Query(alias="toUpdatedAt", description="Before.")] = None,
) -> Response:
    """Names of prompts with their versions and labels, page by page."""
    library, tenant = here.promptuary.library, caller_of(request).tenant
    first, shown, places = (page - 1) * limit, [], count()
    async for prompt in _every(library, tag, tenant):
        if name not in (None, prompt.slug) or not _within(prompt.updated_at, from_, to):
            continue
        kept = await library.get(prompt.slug, count=False, tenant=tenant)
        if label is not None and label not in {each.name for each in kept.labels}:
            continue
        if first <= next(places) < first + limit:
            shown.append(await _meta(library, kept, tenant))
    total = next(places)
    pages = -(-total // limit)
    meta = {"page": page, "limit": limit, "totalItems": total, "totalPages": pages}
    return _json({"data": shown, "meta": meta})


async def get_langfuse_project(request: Request) -> Response:
    """The one project there is: what a client asks to see whether its keys are good."""
    tenant = caller_of(request).tenant or "promptuary"
    project = {"id": tenant, "name": tenant, "metadata": {}}
    return _json({"data": [{**project, "organization": {"id": tenant, "name": tenant}}]})


async def get_langfuse_health() -> Response:
    """The process answers."""
    return _json({"status": "OK", "version": "3"})


async def _every(library: Library, tag: str | None, tenant: str) -> AsyncIterator[LibraryPrompt]:
    cursor: str | None = None
    while True:
        page = await library.list(tag=tag, cursor=cursor, limit=AT_ONCE, tenant=tenant)
        for prompt in page.items:
            yield prompt
        if (cursor := page.next_cursor) is None:
            return


def _within(at: datetime, first: datetime | None, end: datetime | None) -> bool:
    """Whether it was then; a time without a zone is one of UTC."""
    lower = first is None or at >= (first if first.tzinfo else first.replace(tzinfo=at.tzinfo))
    return lower and (end is None or at < (end if end.tzinfo else end.replace(tzinfo=at.tzinfo)))


def _prompt(kept: KeptPrompt, content: PromptContent) -> Json:
    prompt, version = kept.prompt, kept.version
    labels = [each.name for each in kept.labels if each.version_id == version.id]
    return {
        "id": version.id,
        "createdAt": to_iso(version.created_at),
        "updatedAt": to_iso(prompt.updated_at),
        "createdBy": version.author or "API",
        "projectId": prompt.tenant or "promptuary",
        "name": prompt.slug,
        "version": version.number,
        "type": content.kind,
        "prompt": template(content),
        "config": json.loads(content.config),
        "labels": [*(name for name in labels if name != LATEST), *_latest(kept)],
        "tags": list(prompt.about.tags),
        "commitMessage": version.message or None,
        "resolutionGraph": None,
    }


def _latest(kept: KeptPrompt) -> list[str]:
    return [LATEST] if kept.version.id == kept.prompt.latest else []


async def _meta(library: Library, kept: KeptPrompt, tenant: str) -> Json:
    slug = kept.prompt.slug
    numbers: list[int] = []
    cursor: str | None = None
    while True:
        page = await library.versions(slug, cursor=cursor, limit=AT_ONCE, tenant=tenant)
        numbers += [version.number for version in page.items]
        if (cursor := page.next_cursor) is None:
            break
    return {
        "name": slug,
        "type": kept.version.content.kind,
        "versions": sorted(numbers),
        "labels": sorted({LATEST, *(label.name for label in kept.labels)}),
        "tags": list(kept.prompt.about.tags),
        "lastUpdatedAt": to_iso(kept.prompt.updated_at),
        "lastConfig": json.loads(kept.version.content.config),
    }


async def _inlined(
    library: Library, content: PromptContent, tenant: str, above: tuple[str, ...]
) -> PromptContent:
    """The content with the texts that it includes in their places. Raises NotFound for one that is
    gone; what would go in a circle, or is a chat, stays as it is marked."""
    texts = {}
    for each in references(content):
        if each.slug in above or len(above) > DEEPEST:
            continue
        inner = (await library.get(each.slug, each.version, count=False, tenant=tenant)).version
        if inner.content.kind == "text":
            whole = await _inlined(library, inner.content, tenant, (*above, each.slug))
            texts[each] = str(template(whole))
    return with_texts(content, texts)


def _json(value: Json) -> Response:
    return Response(json_text.dumps(value), media_type="application/json")


_PROMPTS = f"{LANGFUSE}/api/public/v2/prompts"
OPERATIONS = (
    Operation(
        path=f"{_PROMPTS}/{{name:path}}",
        call=get_langfuse_prompt,
        needs="library:read",
        answers=None,
        problems=(404, 422),
        listed=False,
    ),
    Operation(
        path=_PROMPTS,
        call=list_langfuse_prompts,
        needs="library:read",
        answers=None,
        problems=(422,),
        listed=False,
    ),
    Operation(
        path=f"{LANGFUSE}/api/public/projects",
        call=get_langfuse_project,
        needs="library:read",
        answers=None,
        listed=False,
    ),
    Operation(
        path=f"{LANGFUSE}/api/public/health",
        call=get_langfuse_health,
        needs="open",
        answers=None,
        listed=False,
    ),
)
