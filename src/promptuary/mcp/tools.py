"""What an assistant can do with the library: one entry a tool."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from promptuary.domain.library import (
    LATEST,
    About,
    Domain,
    Expertise,
    KeptPrompt,
    OutputFormat,
)
from promptuary.domain.plain import Json, encode
from promptuary.domain.refining import Wishes
from promptuary.domain.reports import SearchAnswer
from promptuary.library.face import Library
from promptuary.mcp.callers import Caller
from promptuary.mcp.offers import WRITES, Named, Offer, Taken
from promptuary.mcp.prompts import SERVED, kept

KEY: Final = "Whom this is for: while an experiment runs, the version that they are given."


class Browsed(Taken):
    """Which prompts."""

    folder: str | None = Field(None, max_length=200, description="Only those inside it.")
    tag: str | None = Field(None, max_length=255, description="Only those that have it.")
    cursor: str | None = Field(None, max_length=2048, description="next_cursor of a page before.")
    limit: int = Field(20, ge=1, le=100)


class Sought(Taken):
    """What somebody looks for."""

    query: str = Field(min_length=1, max_length=1000, description="Words, a need, or a draft.")
    folder: str | None = Field(None, max_length=200, description="Only those inside it.")
    tags: list[str] = Field(default_factory=list, max_length=20, description="All of them.")
    domain: Domain | None = None
    expertise_level: Expertise | None = None
    min_rating: float | None = Field(None, ge=0, le=5, description="The average, at least.")
    cursor: str | None = Field(None, max_length=2048, description="next_cursor of a page before.")
    limit: int = Field(10, ge=1, le=100)


class Alike(Named):
    """A prompt to find others by."""

    limit: int = Field(5, ge=1, le=100)


class Wanted(Taken):
    """A draft, or a domain."""

    text: str = Field("", max_length=10_000, description="What you are about to write.")
    domain: Domain | None = None
    expertise_level: Expertise | None = Field(None, description="Give the best one for these.")
    limit: int = Field(5, ge=1, le=100)


class Given(Named):
    """A prompt, for somebody."""

    key: str | None = Field(None, min_length=1, max_length=255, description=KEY)


class Filled(Given):
    """A prompt and what to fill in."""

    values: dict[str, Any] = Field(default_factory=dict, description="Values of slots, by name.")


class Rated(Given):
    """What a prompt is worth."""

    stars: int = Field(ge=1, le=5, description="1 (bad) to 5 (good).")
    comment: str = Field("", max_length=2000)


class Noted(Taken):
    """A quick note to be put in order."""

    text: str = Field(min_length=1, max_length=100_000, description="What was jotted down.")
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    output_format: OutputFormat = "detailed"


class Unkept(Taken):
    """How many to show."""

    limit: int = Field(10, ge=1, le=100)


class Adopted(Taken):
    """A template that was found in traffic."""

    template: str = Field(min_length=1, max_length=100, description="The id that was listed.")
    slug: str | None = Field(None, max_length=200, description="Else made of its name.")


class Saved(Taken):
    """What a prompt shall say."""

    slug: str = Field(min_length=1, max_length=200, description="Such as support/refund.")
    text: str = Field(min_length=1, max_length=1_000_000, description="Slots as {{ name }}.")
    message: str = Field("", max_length=2000, description="What changed, and why.")
    title: str | None = Field(None, max_length=200)


class Pointed(Named):
    """Where a label shall point: `name` says the version, as name@3."""

    label: str = Field(min_length=1, max_length=64, description="Such as production.")


class Compared(Taken):
    """Two versions of a prompt."""

    slug: str = Field(min_length=1, max_length=200)
    before: str = Field(min_length=1, max_length=64, description="A number, label or branch.")
    after: str = Field("latest", min_length=1, max_length=64)


async def _list(library: Library, asked: Browsed, caller: Caller) -> object:
    return await library.list(
        folder=asked.folder,
        tag=asked.tag,
        cursor=asked.cursor,
        limit=asked.limit,
        tenant=caller.tenant,
    )


@dataclass(frozen=True, slots=True)
class FoundPrompt:
    """A prompt that was found, and why."""

    slug: str
    title: str
    score: float
    highlights: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPrompts:
    """What was found, best first. `partial` says why some may be missing."""

    items: tuple[FoundPrompt, ...]
    next_cursor: str | None
    partial: str | None


def _shown(answer: SearchAnswer) -> FoundPrompts:
    items = [
        FoundPrompt(
            str(hit.payload["slug"]),
            hit.texts.get("title", ""),
            round(hit.score, 4),
            tuple(part for parts in hit.highlights.values() for part in parts)[:5],
            hit.reasons,
        )
        for hit in answer.hits
    ]
    return FoundPrompts(tuple(items), answer.next_cursor, answer.partial)


async def _search(library: Library, asked: Sought, caller: Caller) -> object:
    return _shown(
        await library.search(
            asked.query,
            folder=asked.folder,
            tags=asked.tags,
            domain=asked.domain,
            expertise=asked.expertise_level,
            min_rating=asked.min_rating,
            cursor=asked.cursor,
            limit=asked.limit,
            tenant=caller.tenant,
        )
    )


async def _recommend(library: Library, asked: Wanted, caller: Caller) -> object:
    return await library.recommend(
        asked.text,
        domain=asked.domain,
        expertise=asked.expertise_level,
        limit=asked.limit,
        tenant=caller.tenant,
    )


async def _similar(library: Library, asked: Alike, caller: Caller) -> object:
    found = await kept(library, asked.name, caller.tenant, count=False)
    return _shown(await library.similar(found.prompt.slug, limit=asked.limit, tenant=caller.tenant))


async def _given(library: Library, asked: Given, caller: Caller) -> KeptPrompt:
    """The version that is meant: what an experiment gives the key, if there is one."""
    if asked.key is None:
        return await kept(library, asked.name, caller.tenant, count=False)
    slug, _, label = asked.name.partition("@")
    return await library.serve(
        slug, asked.key, label=label or SERVED, user=caller.name, tenant=caller.tenant
    )


async def _get(library: Library, asked: Given, caller: Caller) -> object:
    if asked.key is None:
        return await kept(library, asked.name, caller.tenant, user=caller.name)
    return await _given(library, asked, caller)


async def _render(library: Library, asked: Filled, caller: Caller) -> object:
    found = await _given(library, asked, caller)
    return await library.render(
        found.prompt.slug,
        asked.values,
        version=found.version.number,
        user=caller.name,
        tenant=caller.tenant,
    )


async def _rate(library: Library, asked: Rated, caller: Caller) -> object:
    found = await kept(library, asked.name, caller.tenant, count=False)
    return await library.rate(
        found.prompt.slug,
        asked.stars,
        found.version.number,
        key=asked.key,
        comment=asked.comment,
        author=caller.name,
        tenant=caller.tenant,
    )


async def _refine(library: Library, asked: Noted, caller: Caller) -> object:
    wishes = Wishes(asked.domain, asked.expertise_level, asked.output_format)
    return await library.refine(asked.text, wishes, tenant=caller.tenant)


async def _unkept(library: Library, asked: Unkept, caller: Caller) -> object:
    return await library.shadows(limit=asked.limit, tenant=caller.tenant)


async def _adopt(library: Library, asked: Adopted, caller: Caller) -> object:
    return await library.adopt(asked.template, asked.slug, author=caller.name, tenant=caller.tenant)


async def _save(library: Library, asked: Saved, caller: Caller) -> object:
    about = None if asked.title is None else About(asked.title)
    return await library.save(
        asked.slug,
        asked.text,
        about=about,
        message=asked.message,
        author=caller.name,
        tenant=caller.tenant,
    )


async def _label(library: Library, asked: Pointed, caller: Caller) -> object:
    slug, _, version = asked.name.partition("@")
    return await library.label(
        slug,
        asked.label,
        version or LATEST,
        override=caller.may("library:protect"),
        author=caller.name,
        tenant=caller.tenant,
    )


async def _compare(library: Library, asked: Compared, caller: Caller) -> object:
    return await library.diff(asked.slug, asked.before, asked.after, tenant=caller.tenant)


OFFERS: Final = (
    Offer("list_prompts", "List kept prompts by slug.", Browsed, _list),
    Offer("search_prompts", "Find kept prompts by words or by what is needed.", Sought, _search),
    Offer("recommend_prompts", "Kept prompts that do what you want.", Wanted, _recommend),
    Offer("similar_prompts", "Kept prompts like one of them, nearest first.", Alike, _similar),
    Offer("get_prompt", "Read a kept prompt: its text or turns, slots, labels.", Given, _get),
    Offer("render_prompt", "Fill the slots of a kept prompt with values.", Filled, _render),
    Offer("compare_versions", "How two versions of a prompt differ.", Compared, _compare),
    Offer("refine_prompt", "Put a quick note in order; nothing is kept.", Noted, _refine),
    Offer("find_unkept", "Templates in the traffic that no prompt explains.", Unkept, _unkept),
    Offer("adopt_template", "Keep a template of the traffic.", Adopted, _adopt, WRITES),
    Offer("save_prompt", "Keep a prompt, or its next version.", Saved, _save, WRITES),
    Offer("label_prompt", "Point a label at a version.", Pointed, _label, WRITES),
    Offer("rate_prompt", "Say how well a version worked.", Rated, _rate, WRITES),
)


def plain(value: object) -> Json:
    """What a tool gives, as JSON."""
    return json.loads(encode(value))
