"""OpenAI: prompt objects (`pmpt_…`), one a version, with `messages` (also called `input` or
`instructions`), `variables`, `model` and its settings, in a list or under `data`. A stored response
stands for the prompt that it was made with.

OpenAI switches its reusable prompts off on 2026-11-30 and documents no file of them; these are the
members that its dashboard and SDKs use.
"""

from __future__ import annotations

from typing import Final

from promptuary.domain.library import DeclaredSlot, PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.names import slots_in
from promptuary.library.exchange.openai_responses import OUTCOME, RESPONSE, prompt_of
from promptuary.library.exchange.times import from_unix
from promptuary.library.exchange.values import number, text

BODIES: Final = ("messages", "input", "instructions", "prompt")
OWN: Final = frozenset(
    {*BODIES, "id", "object", "name", "title", "description", "version", "variables", "is_default"}
    | {"created_at", "updated_at", "created_by", "metadata"}
)
SERVED: Final = "production"
"""The version that is used where none is asked for; OpenAI calls it the default."""


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.record(piece)
    doubts: tuple[tuple[str, str], ...] = ()
    if value.get("object") == RESPONSE:
        value, doubts = prompt_of(value)
    key = next((key for key in BODIES if value.get(key) is not None), None)
    if key is None or not (value.get("id") or value.get("name")):
        return None
    config = json_text.dumps({k: v for k, v in value.items() if k not in OWN})
    body = value[key]
    if isinstance(body, str):
        content = PromptContent(text=body, syntax="mustache", config=config)
    else:
        content = PromptContent(turns=turns_of(body), syntax="mustache", config=config)
    return Draft(
        name=text(value.get("name") or value.get("id"), "name"),
        content=PromptContent(
            content.text, content.turns, content.syntax, _slots(content, value), config=config
        ),
        number=number(value.get("version")),
        labels=(SERVED,) if value.get("is_default") is True else (),
        author=text(value.get("created_by"), "created_by"),
        created_at=from_unix(value.get("created_at")),
        title=text(value.get("title"), "title"),
        description=text(value.get("description"), "description"),
        notes=(*doubts, *notes_on(body)),
    )


def _slots(content: PromptContent, value: dict[str, Json]) -> tuple[DeclaredSlot, ...]:
    """Variables; a value that one was given is an example."""
    variables = value.get("variables") or {}
    given = variables if isinstance(variables, dict) else {}
    names = given.keys() if isinstance(variables, dict) else map(_variable, variables)
    marked = [slot.name for slot in slots_in(content)]
    return tuple(
        DeclaredSlot(name, examples=_examples(given.get(name)))
        for name in dict.fromkeys([*marked, *(name for name in names if name)])
    )


def _examples(value: Json) -> tuple[str, ...]:
    """What a variable was given, where it is text."""
    found = value.get("text") if isinstance(value, dict) else value
    return (found,) if isinstance(found, str) and found else ()


def _variable(variable: Json) -> str:
    name = variable.get("name") if isinstance(variable, dict) else variable
    return name if isinstance(name, str) else ""


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    value = json_text.before(old)
    content = draft.content
    if old is None:
        value |= {"object": "prompt", "version": str(draft.number)}
    if "name" in changed:
        value["name"] = draft.name
    if changed & {"text", "turns"}:
        known = ("instructions",) if value.get("object") == RESPONSE else BODIES
        key = next((key for key in known if value.get(key) is not None), "messages")
        chat = content.kind == "chat"
        value[key] = said(content.turns, value.get(key)) if chat else content.text
    if "slots" in changed:
        _say_variables(content, value)
    if "labels" in changed:
        value["is_default"] = SERVED in draft.labels
    if "author" in changed and draft.author:
        value["created_by"] = draft.author
    if "created_at" in changed and draft.created_at:
        value["created_at"] = int(draft.created_at.timestamp())
    about = {"title": draft.title, "description": draft.description}
    value |= {key: about[key] for key in changed & {*about} if about[key] or key in value}
    if "config" in changed:
        config = json_text.record(content.config)
        own = OUTCOME if value.get("object") == RESPONSE else OWN
        value = {k: v for k, v in value.items() if k in own} | {
            k: v for k, v in config.items() if k not in own
        }
    return json_text.dumps(value, indent=2)


def _say_variables(content: PromptContent, value: dict[str, Json]) -> None:
    """Names of the slots, or names with an example each where there are any."""
    was = value.get("variables")
    given = was if isinstance(was, dict) else {}
    if value.get("object") == RESPONSE:  # it says what it was given, and this is history
        return
    if content.slots == tuple(slots_in(content)) and not was:
        return
    if given or any(slot.examples for slot in content.slots):
        value["variables"] = {
            slot.name: given[slot.name]
            if slot.name in given and _examples(given[slot.name]) == slot.examples
            else next(iter(slot.examples), "")
            for slot in content.slots
        }
    else:
        value["variables"] = [slot.name for slot in content.slots]


FORM = Form(
    name="openai",
    title="OpenAI prompt objects",
    suffix=".json",
    says=frozenset(
        {"text", "turns", "slots", "config", "labels", "author", "created_at", "title"}
        | {"description"}
    ),
    cut=lambda text: json_text.listed(text, "data", "prompts"),
    understand=_understand,
    say=_say,
    join=json_text.joined_list,
    versioned=True,
)
