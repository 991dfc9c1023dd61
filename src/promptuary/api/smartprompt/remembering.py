"""A refined note is cached for an hour and kept in the library for good."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from hashlib import sha256

from pydantic import ValidationError

from promptuary import __version__
from promptuary.api.schemas.smartprompt import OldRefineIn, OldRefineOut
from promptuary.api.serving import Serving
from promptuary.domain.errors import BudgetSpent, Conflict, InvalidInput, RateLimited, Unavailable
from promptuary.domain.library import About, Origin, PromptContent
from promptuary.domain.refining import Engine, Refined

FOLDER = "smartprompt"
"""Where in the library its prompts lie."""


async def refined(here: Serving, asked: OldRefineIn, tenant: str) -> OldRefineOut:
    """The prompt of a note. A chat model words it where one is set, and then its errors count:
    Unavailable. 429 is said of our own limit alone, not of a provider's.
    """
    key = _key(here, asked, tenant)
    known = await _cached(here, key)
    if known is not None:
        return known
    library = here.promptuary.library
    engine: Engine = "model" if here.settings.chat_models else "rules"
    try:
        made = await library.refine(
            asked.lazy_prompt, asked.wishes, engine=engine, strict=True, tenant=tenant
        )
    except (RateLimited, BudgetSpent) as error:
        raise Unavailable(f"the chat model cannot be asked now: {error}") from error
    answered = OldRefineOut.made(made)
    await _keep(here, key, made, answered, tenant)
    await _remember(here, key, answered)
    return answered


async def _cached(here: Serving, key: str) -> OldRefineOut | None:
    """What was answered before; None as well while the cache is away or holds something else."""
    with suppress(Unavailable, OSError, ValidationError):
        (found,) = await here.promptuary.cache.get_many([key])
        if found:
            return OldRefineOut.model_validate_json(found).model_copy(update={"cached": True})
    return None


async def _remember(here: Serving, key: str, answered: OldRefineOut) -> None:
    ttl = timedelta(seconds=here.settings.refine_cache_seconds)
    with suppress(Unavailable, OSError):
        text = answered.model_dump_json().encode()
        await here.promptuary.cache.set_many({key: text}, ttl=ttl)


async def _keep(
    here: Serving, key: str, made: Refined, answered: OldRefineOut, tenant: str
) -> None:
    """Another request may just be keeping the same; then it is kept."""
    about = About(
        title=made.title or "Prompt",
        folder=FOLDER,
        domain=made.wishes.domain,
        expertise_level=made.wishes.expertise_level,
        detected_topics=tuple(answered.detected_topics),
        topic_details=dict(answered.topic_details or {}),
    )
    more = {
        "recommended_references": answered.recommended_references,
        "prompt_file_content": answered.prompt_file_content,
        "request": asdict(made.wishes),
    }
    content = PromptContent(
        made.text,
        syntax="jinja" if made.slots else "plain",
        slots=made.slots,
        lazy_text=made.lazy_text,
        config=json.dumps({"smartprompt": more}),
    )
    save = here.promptuary.library.save
    slug = f"{FOLDER}/{key.rpartition(':')[2][:16]}"
    origins = (Origin("smartprompt", key),)
    with suppress(Conflict):
        try:
            await save(slug, content, about=about, origins=origins, tenant=tenant)
        except InvalidInput:  # what looks like a template's syntax was meant literally
            await save(slug, replace(content, syntax="plain", slots=()), about=about, tenant=tenant)


def _key(here: Serving, asked: OldRefineIn, tenant: str) -> str:
    """As the older service made it, and of the model and version too; capitals count."""
    parts = asked.model_dump() | {"lazy_prompt": asked.lazy_prompt.strip()}
    made_by = {"models": list(here.settings.chat_models), "version": __version__, "tenant": tenant}
    text = json.dumps(parts | made_by, sort_keys=True)
    return f"refined:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
