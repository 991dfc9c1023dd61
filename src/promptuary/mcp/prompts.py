"""Kept prompts as the protocol shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from mcp_types import (
    Completion,
    GetPromptResult,
    ListPromptsResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from promptuary.domain.errors import InvalidInput, NotFound, Rejected
from promptuary.domain.library import ChatTurn, DeclaredSlot, KeptPrompt, Rendered
from promptuary.library.exchange.messages import turns_of
from promptuary.library.face import Library
from promptuary.mcp.callers import Caller

SERVED: Final = "production"
"""The label whose version is served; a prompt without it is served at its latest."""
PAGE: Final = 50
MOST_COMPLETIONS: Final = 100


async def listed(library: Library, cursor: str | None, tenant: str) -> ListPromptsResult:
    """A page of prompts, by slug. Raises InvalidInput for a cursor that is none."""
    page = await library.list(cursor=cursor, limit=PAGE, tenant=tenant)
    shown = [await _prompt(library, prompt.slug, tenant) for prompt in page.items]
    return ListPromptsResult(prompts=shown, next_cursor=page.next_cursor)


async def _prompt(library: Library, slug: str, tenant: str) -> Prompt:
    found = await kept(library, slug, tenant, count=False)
    about = found.prompt.about
    places = [
        PromptArgument(
            name=place, description="messages, as JSON: a list of role and content", required=False
        )
        for place in _places(found)
    ]
    return Prompt(
        name=slug,
        title=about.title,
        description=about.description or None,
        arguments=[*map(_argument, await _slots(library, found, tenant)), *places],
    )


async def _slots(library: Library, found: KeptPrompt, tenant: str) -> Sequence[DeclaredSlot]:
    """What the prompt takes; what is declared, where one that it includes is gone."""
    version = found.version
    try:
        return await library.slots(found.prompt.slug, version.number, tenant=tenant)
    except Rejected:
        return version.content.slots


async def kept(
    library: Library, name: str, tenant: str, *, count: bool = True, user: str = ""
) -> KeptPrompt:
    """The prompt of that name at the version that is served, which `name@label` or `name@7` says
    otherwise; counted as used by the `user`, unless `count` is off. Raises NotFound."""
    slug, _, version = name.partition("@")
    if version:
        return await library.get(slug, version, count=count, user=user, tenant=tenant)
    try:
        return await library.get(slug, label=SERVED, count=count, user=user, tenant=tenant)
    except NotFound:
        return await library.get(slug, count=count, user=user, tenant=tenant)


async def filled(
    library: Library, name: str, arguments: Mapping[str, str], caller: Caller
) -> GetPromptResult:
    """The prompt with its slots filled. Raises NotFound, InvalidInput that names every argument at
    fault, TooLarge."""
    found = await kept(library, name, caller.tenant, count=False)
    places = _places(found)
    messages = {place: _messages(place, arguments[place]) for place in places if place in arguments}
    values = {each: value for each, value in arguments.items() if each not in places}
    rendered = await library.render(
        found.prompt.slug,
        values,
        version=found.version.number,
        messages=messages,
        user=caller.name,
        tenant=caller.tenant,
    )
    about = found.prompt.about
    return GetPromptResult(description=about.description or about.title, messages=spoken(rendered))


def spoken(rendered: Rendered) -> list[PromptMessage]:
    """What is to be sent. The protocol knows users and assistants alone: whoever else speaks does
    so as the user."""
    turns = rendered.turns or (ChatTurn("user", rendered.text),)
    return [
        PromptMessage(
            role="assistant" if turn.role == "assistant" else "user",
            content=TextContent(text=turn.content),
        )
        for turn in turns
    ]


async def completed(
    library: Library, name: str, argument: str, begun: str, tenant: str
) -> Completion:
    """Values that an argument may have and that go on as was begun, or have it in them. Raises
    NotFound for the prompt; an argument that it does not have has none."""
    found = await kept(library, name, tenant, count=False)
    slots = await _slots(library, found, tenant)
    slot = next((each for each in slots if each.name == argument), None)
    values = [] if slot is None or slot.sensitive else _values(slot)
    begins = [value for value in values if value.lower().startswith(begun.lower())]
    holds = [v for v in values if begun.lower() in v.lower() and v not in begins]
    fits = begins + holds
    return Completion(
        values=fits[:MOST_COMPLETIONS],
        total=len(fits),
        has_more=len(fits) > MOST_COMPLETIONS,
    )


def _values(slot: DeclaredSlot) -> list[str]:
    """What is known of a slot: its choices, or its default and examples."""
    known = list(slot.choices) or [*([slot.default] if slot.default else []), *slot.examples]
    return list(dict.fromkeys(known))


def _places(found: KeptPrompt) -> Sequence[str]:
    """Names of the lists of messages that a chat prompt has places for."""
    turns = found.version.content.turns
    return list(dict.fromkeys(t.placeholder for t in turns if t.placeholder is not None))


def _argument(slot: DeclaredSlot) -> PromptArgument:
    """An argument. The protocol sends texts alone: what else is known of it stands in words."""
    said = [slot.description] if slot.description else []
    if slot.choices:
        said.append(f"one of {', '.join(slot.choices[:20])}")
    elif slot.type != "text":
        said.append(f"a value of the type {slot.type}")
    for bound, word in ((slot.minimum, "at least"), (slot.maximum, "at most")):
        if bound is not None:
            said.append(f"{word} {bound:g}")
    if slot.default is not None and not slot.sensitive:
        said.append(f"{slot.default!r} unless given")
    required = slot.required and slot.default is None
    return PromptArgument(name=slot.name, description="; ".join(said) or None, required=required)


def _messages(place: str, text: str) -> Sequence[ChatTurn]:
    try:
        return turns_of(json.loads(text))
    except (ValueError, RecursionError) as error:
        said = "is no JSON list of messages with a role and a content"
        raise InvalidInput(f"{place} {said}", fields={place: said}) from error
