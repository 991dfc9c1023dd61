"""The routes of the older prompt service, each a thin translation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from promptuary.api import health
from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.problems import Problem, ProblemRaised
from promptuary.api.schemas.smartprompt import (
    ByTopicIn,
    OldHealthOut,
    OldRefineIn,
    RelatedIn,
)
from promptuary.api.serving import Here, Serving
from promptuary.api.smartprompt.remembering import refined
from promptuary.api.smartprompt.searching import about_topics
from promptuary.domain.errors import Unavailable
from promptuary.domain.library import Domain

BLANK = "Lazy prompt cannot be empty"
NO_TOPIC, NO_TOPICS = "Topic cannot be empty", "Topics list cannot be empty"


async def smartprompt_refine(request: Request, here: Here) -> Response:
    """Refine a quick note and keep it; the same note with the same options comes from the cache."""
    asked = await read(request, OldRefineIn)
    if not asked.lazy_prompt.strip():
        raise _refused(BLANK)
    return answer(request, await refined(here, asked, caller_of(request).tenant))


async def smartprompt_by_topic(request: Request, here: Here) -> Response:
    """Kept prompts about a topic."""
    asked = await read(request, ByTopicIn)
    if not asked.topic.strip():
        raise _refused(NO_TOPIC)
    return await _found(request, here, [asked.topic], asked.domain, asked.limit)


async def smartprompt_related(request: Request, here: Here) -> Response:
    """Kept prompts about any of several topics."""
    asked = await read(request, RelatedIn)
    topics = [topic for topic in asked.topics if topic.strip()]
    if not topics:
        raise _refused(NO_TOPICS)
    return await _found(request, here, topics, asked.domain, asked.limit)


async def smartprompt_health(here: Here) -> Response:
    """Whether the service works, and whether its cache is there."""
    found = await here.promptuary.health()
    now = datetime.now(UTC)
    if found.status == "unhealthy":
        down = ", ".join(part.name for part in found.parts if part.state == "down")
        detail = {"status": "unhealthy", "error": f"down: {down}"}
        return JSONResponse({"detail": detail}, 503, {"Retry-After": "2"})
    try:
        await here.promptuary.cache.get_many(["smartprompt:health"])
    except (Unavailable, OSError):
        return health.now(OldHealthOut(redis="disconnected", timestamp=now))
    return health.now(OldHealthOut(redis="connected", timestamp=now))


async def smartprompt_metrics(here: Here) -> Response:
    """Prometheus metrics."""
    return await health.metrics(here)


async def smartprompt_docs() -> Response:
    """Every operation on one page."""
    return RedirectResponse("/docs")


async def smartprompt_redoc() -> Response:
    """The same page."""
    return RedirectResponse("/docs")


async def smartprompt_openapi() -> Response:
    """The OpenAPI document."""
    return RedirectResponse("/openapi.json")


async def _found(
    request: Request, here: Serving, topics: Sequence[str], domain: Domain | None, limit: int
) -> Response:
    tenant = caller_of(request).tenant
    found, side = await about_topics(here, topics, domain, limit, tenant)
    return answer(request, found, headers={"X-Promptuary-Store": side})


def _refused(why: str) -> ProblemRaised:
    return ProblemRaised(Problem("REJECTED", why))
