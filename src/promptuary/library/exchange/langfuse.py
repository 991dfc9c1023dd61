"""Langfuse: what `GET /api/public/v2/prompts/{name}` answers, one object a version, in a list (or
under `data`). Text and chat, placeholders, labels, tags, config, commit messages."""

from __future__ import annotations

import re
from dataclasses import replace

from promptuary.domain.library import LATEST, PromptContent
from promptuary.domain.plain import Json
from promptuary.domain.slugs import slug_of
from promptuary.library.exchange import json_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.names import label_of
from promptuary.library.exchange.times import from_iso, to_iso
from promptuary.library.exchange.values import config_of, names, number, text

_NO_TEXTS = (
    "this list names prompts without their texts; fetch each version with "
    "GET /api/public/v2/prompts/NAME?version=N"
)
_BRACES = re.compile(r"\{\{|\}\}|\{(\w+)\}")


_INCLUDED = re.compile(
    r"@@@langfusePrompt:name=([^|@\n]{1,200})\|(?:label=([^|@\n]{1,64})|version=(\d{1,6}))@@@"
)
"""How a prompt of Langfuse takes in another."""
_OURS = re.compile(r"\{\{> ([^\s{}@#]+)(?:@([a-z0-9._-]+)|#(\d+)) \}\}")


def _included(text: str) -> str:
    """The text with what it takes in named as we name it."""

    def ours(found: re.Match[str]) -> str:
        at = f"#{found[3]}" if found[3] else f"@{label_of(found[2])}"
        return f"{{{{> {slug_of(found[1])}{at} }}}}"

    return _INCLUDED.sub(ours, text)


def _including(text: str) -> str:
    """The same the other way."""

    def theirs(found: re.Match[str]) -> str:
        at = f"version={found[3]}" if found[3] else f"label={found[2]}"
        return f"@@@langfusePrompt:name={found[1]}|{at}@@@"

    return _OURS.sub(theirs, text)


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.record(piece)
    if "name" not in value or "prompt" not in value:
        if isinstance(value.get("versions"), list):
            raise ValueError(_NO_TEXTS)
        return None
    labels = names(value.get("labels"), "labels")
    config, notes = config_of(value.get("config"))
    body = value["prompt"]
    if isinstance(body, str):
        content = PromptContent(text=_included(body), syntax="mustache", config=config)
    else:
        turns = (replace(turn, content=_included(turn.content)) for turn in turns_of(body))
        content = PromptContent(turns=tuple(turns), syntax="mustache", config=config)
        notes += notes_on(body)
    if value.get("resolutionGraph"):
        notes += (("resolutionGraph", "what was included is part of the text"),)
    return Draft(
        name=text(value["name"], "name"),
        content=content,
        number=number(value.get("version")),
        labels=tuple(label for label in labels if label != LATEST),
        message=text(value.get("commitMessage"), "commitMessage"),
        author=text(value.get("createdBy"), "createdBy"),
        created_at=from_iso(value.get("createdAt")),
        tags=names(value.get("tags"), "tags"),
        newest=LATEST in labels,
        notes=notes,
    )


def template(content: PromptContent) -> Json:
    """The text or messages of a prompt, with slots as Langfuse marks them: `{{name}}`."""
    if content.syntax == "fstring":
        turns = (replace(turn, content=_doubled(turn.content)) for turn in content.turns)
        content = replace(content, text=_doubled(content.text), turns=tuple(turns))
    return said(content.turns) if content.turns else content.text


def _doubled(text: str) -> str:
    """A format string's `{name}` as `{{name}}`, and its `{{` and `}}` as the braces they mean."""
    kinds = {"{{": "{", "}}": "}"}
    return _BRACES.sub(lambda found: kinds.get(found[0]) or f"{{{{{found[1]}}}}}", text)


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    value: dict[str, Json] = json_text.before(old)
    content = draft.content
    if "name" in changed:
        value["name"] = draft.name
    if changed & {"text", "turns"}:
        chat = content.kind == "chat"
        value["type"] = content.kind
        turns = [replace(turn, content=_including(turn.content)) for turn in content.turns]
        value["prompt"] = said(turns, value.get("prompt")) if chat else _including(content.text)
    if old is None:
        value["version"] = draft.number
    if "config" in changed:
        value["config"] = json_text.loads(content.config)
    if "labels" in changed:
        value["labels"] = [*draft.labels, *([LATEST] if draft.newest else [])]
    if "tags" in changed:
        value["tags"] = list(draft.tags)
    if "message" in changed:
        value["commitMessage"] = draft.message or None
    for field, key in (("author", "createdBy"), ("created_at", "createdAt")):
        said_now = draft.author if field == "author" else to_iso(draft.created_at)
        if field in changed and said_now:
            value[key] = said_now
    return json_text.dumps(value, indent=2)


FORM = Form(
    name="langfuse",
    title="Langfuse prompts",
    suffix=".json",
    says=frozenset(
        {"text", "turns", "config", "labels", "tags", "message", "author", "created_at"}
    ),
    cut=lambda text: json_text.listed(text, "data", "prompts"),
    understand=_understand,
    say=_say,
    join=json_text.joined_list,
    versioned=True,
)
