"""Chat JSONL: an object with `messages` a line (as for fine-tuning), or with `prompt`, or a bare
list of messages."""

from __future__ import annotations

from typing import Final

from promptuary.domain.library import PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.first_words import first_words, first_words_of
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.names import shown_name
from promptuary.library.exchange.values import text

_CONFIG: Final = (
    *("model", "temperature", "top_p", "max_tokens", "stop", "tools", "functions"),
    *("parallel_tool_calls", "response_format"),
)


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.loads(piece)
    if isinstance(value, list):
        value = {"messages": value}
    if not isinstance(value, dict):
        raise ValueError("a line is an object with messages, or a list of messages")
    config = json_text.dumps({key: value[key] for key in _CONFIG if key in value})
    name = text(value.get("name"), "name")
    odd = sorted(set(value) - {*_CONFIG, "messages", "prompt", "name"})
    notes: tuple[tuple[str, str], ...] = ()
    if odd:
        notes = ((", ".join(odd), "stays with the format alone"),)
    if isinstance(value.get("messages"), list):
        turns = turns_of(value["messages"])
        content = PromptContent(turns=turns, syntax="plain", config=config)
        notes += notes_on(value["messages"])
        return Draft(name or first_words_of(turns), content, title=name, notes=notes)
    if isinstance(value.get("prompt"), str):
        content = PromptContent(text=value["prompt"], syntax="plain", config=config)
        return Draft(name or first_words(content.text), content, title=name, notes=notes)
    return None


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    was = json_text.loads(old.raw) if old else {}
    value: dict[str, Json] = {"messages": was} if isinstance(was, list) else was
    content = draft.content
    if "config" in changed:
        value = {key: each for key, each in value.items() if key not in _CONFIG}
        value |= json_text.record(content.config)
    if changed & {"text", "turns"}:
        value.pop("prompt" if content.kind == "chat" else "messages", None)
        if content.kind == "chat":
            value["messages"] = said(content.turns, value.get("messages"))
        else:
            value["prompt"] = content.text
    if changed & {"title", "name"}:
        value["name"] = shown_name(draft.name, draft.title)
    bare = isinstance(was, list) and value.keys() == {"messages"}
    return json_text.dumps(value["messages"] if bare else value)


FORM = Form(
    name="chat-jsonl",
    title="chats in JSON lines",
    suffix=".jsonl",
    says=frozenset({"text", "turns", "config", "title"}),
    cut=json_text.lines,
    understand=_understand,
    say=_say,
    join=json_text.joined_lines,
)
