"""OpenAI Batch JSONL: a request a line, with `custom_id`, `url` and a `body` that has `messages`,
`input` and `instructions`, or `prompt`."""

from __future__ import annotations

from typing import Final

from promptuary.domain.library import ChatTurn, PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.first_words import first_words_of
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.names import shown_name
from promptuary.library.exchange.values import text

_BODIES: Final = ("messages", "input", "prompt", "instructions")
_NO_PROMPTS: Final = ("/embeddings", "/moderations")
"""Calls whose input is no prompt."""


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.record(piece)
    body = value.get("body")
    if not isinstance(body, dict):
        raise ValueError("a line has no body")
    if str(value.get("url")).endswith(_NO_PROMPTS):
        return None
    messages = _messages(body)
    plain = body.get("prompt")
    if messages is None and not isinstance(plain, str):
        return None
    config = json_text.dumps({key: each for key, each in body.items() if key not in _BODIES})
    name = text(value.get("custom_id"), "custom_id")
    if messages is None:
        content = PromptContent(text=text(plain, "prompt"), syntax="plain", config=config)
        return Draft(name, content, title=name)
    turns = turns_of(messages)
    content = PromptContent(turns=turns, syntax="plain", config=config)
    return Draft(name or first_words_of(turns), content, title=name, notes=notes_on(messages))


def _messages(body: dict[str, Json]) -> list[Json] | None:
    """The messages of a request, instructions first; None when it has none."""
    found = body.get("messages", body.get("input"))
    if isinstance(found, str):
        found = [{"role": "user", "content": found}]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return None
    instructions = body.get("instructions")
    first = [{"role": "system", "content": instructions}] if isinstance(instructions, str) else []
    return [*first, *found]


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    value = json_text.before(old)
    content = draft.content
    body = dict(value.get("body") or {})
    if "config" in changed:
        kept = {key: each for key, each in body.items() if key in _BODIES}
        body = {**json_text.record(content.config), **kept}
    if changed & {"text", "turns"}:
        _say_body(content, body)
    if changed & {"title", "name"}:
        value["custom_id"] = shown_name(draft.name, draft.title)
    fresh = "/v1/completions" if content.kind == "text" else "/v1/chat/completions"
    head = {"custom_id": draft.name, "method": "POST", "url": fresh}
    return json_text.dumps({**head, **value, "body": body})


def _say_body(content: PromptContent, body: dict[str, Json]) -> None:
    """The messages where this request has them."""
    if content.kind == "text":
        for key in _BODIES:
            body.pop(key, None)
        body["prompt"] = content.text
        return
    turns: tuple[ChatTurn, ...] = content.turns
    key = "input" if "input" in body and "messages" not in body else "messages"
    if isinstance(body.get("instructions"), str):
        if turns[0].role == "system":
            body["instructions"], turns = turns[0].content, turns[1:]
        else:
            del body["instructions"]
    body.pop("prompt", None)
    body[key] = said(turns, body.get(key))


FORM = Form(
    name="openai-batch",
    title="OpenAI batches",
    suffix=".jsonl",
    says=frozenset({"text", "turns", "config", "title"}),
    cut=json_text.lines,
    understand=_understand,
    say=_say,
    join=json_text.joined_lines,
)
