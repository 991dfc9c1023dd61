"""The older prompt service, as its clients know it: paths, fields and texts, over the library."""

from __future__ import annotations

from promptuary.api.operations import Operation
from promptuary.api.schemas.smartprompt import (
    ByTopicIn,
    OldHealthOut,
    OldRefineIn,
    OldRefineOut,
    RelatedIn,
)
from promptuary.api.smartprompt.routes import (
    smartprompt_by_topic,
    smartprompt_docs,
    smartprompt_health,
    smartprompt_metrics,
    smartprompt_openapi,
    smartprompt_redoc,
    smartprompt_refine,
    smartprompt_related,
)
from promptuary.settings import Settings

TAG = "smartprompt"


def operations(settings: Settings) -> tuple[Operation, ...]:
    """Its routes, under the path that the settings name."""
    base = settings.smartprompt_path.rstrip("/")
    often = settings.smartprompt_rate_limit_per_minute
    posts = (
        ("/refine-prompt", smartprompt_refine, OldRefineIn, OldRefineOut),
        ("/search/by-topic", smartprompt_by_topic, ByTopicIn, list[OldRefineOut]),
        ("/search/related", smartprompt_related, RelatedIn, list[OldRefineOut]),
    )
    asked = tuple(
        Operation(
            method="POST",
            path=f"{base}{path}",
            call=call,
            needs="library:write" if takes is OldRefineIn else "library:read",
            takes=takes,
            answers=answers,
            problems=(400, 413, 415, 422),
            per_minute=often,
            tag=TAG,
        )
        for path, call, takes, answers in posts
    )
    pages = tuple(
        Operation(path=f"{base}{path}", call=call, needs="open", answers=None, listed=False)
        for path, call in (
            ("/metrics", smartprompt_metrics),
            ("/docs", smartprompt_docs),
            ("/redoc", smartprompt_redoc),
            ("/openapi.json", smartprompt_openapi),
        )
        if settings.metrics_enabled or path != "/metrics"
    )
    health = Operation(
        path=f"{base}/health",
        call=smartprompt_health,
        needs="open",
        answers=OldHealthOut,
        also=((503, "The service cannot work."),),
        tag=TAG,
    )
    return (*asked, health, *(pages if base else ()))
