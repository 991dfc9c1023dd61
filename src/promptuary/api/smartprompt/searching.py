"""Kept prompts by topic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from promptuary.api.schemas.smartprompt import OldRefineOut
from promptuary.api.serving import Serving
from promptuary.domain.errors import NotFound
from promptuary.domain.library import Domain
from promptuary.library.older_prompts import bare_topic
from promptuary.retrieval.kept import text_of


async def about_topics(
    here: Serving, topics: Sequence[str], domain: Domain | None, limit: int, tenant: str
) -> tuple[list[OldRefineOut], str]:
    """Prompts that say one of the topics, best first; how a topic is numbered says nothing. While
    prompts move here out of the older service's store, one side answers: which is said too."""
    moving = here.promptuary.moves.older_reads(tenant)
    if moving is not None:
        found = await moving.about(topics, domain, limit)
        return [OldRefineOut.said(each.said) for each in found.answers], found.by
    return await _here(here, topics, domain, limit, tenant), "new"


async def _here(
    here: Serving, topics: Sequence[str], domain: Domain | None, limit: int, tenant: str
) -> list[OldRefineOut]:
    library = here.promptuary.library
    words = " ".join(bare_topic(topic) for topic in topics)
    found = await library.search(words, mode="words", domain=domain, limit=limit, tenant=tenant)
    answers: list[OldRefineOut] = []
    for hit in found.hits:
        with suppress(NotFound):  # forgotten a moment ago
            kept = await library.get(str(hit.payload["slug"]), count=False, tenant=tenant)
            text = text_of(kept.version.content)
            answers.append(OldRefineOut.kept(kept, text, _more(kept.version.content.config)))
    return answers


def _more(config: str) -> dict[str, Any]:
    """What this service noted beside a prompt."""
    found = json.loads(config)
    more = found.get("smartprompt") if isinstance(found, dict) else None
    return more if isinstance(more, dict) else {}
