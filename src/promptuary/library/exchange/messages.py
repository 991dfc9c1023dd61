"""Messages of chats, as JSON objects with a role and a content, and as our turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptuary.domain.library import ChatTurn, Role
from promptuary.domain.plain import Json
from promptuary.library.exchange.names import name_of

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}
"""How the roles of others are called here."""
TEXT_PARTS = frozenset({"text", "input_text", "output_text"})


def role_of(name: object) -> Role:
    """The role of that name; whoever is unknown speaks as the user."""
    return ROLES.get(str(name).lower(), "user")


def turn_of(message: Json) -> ChatTurn:
    """The turn of a message; one of the type `placeholder` stands for a list. Raises ValueError."""
    if not isinstance(message, dict):
        raise ValueError(f"a message is an object, not {type(message).__name__}")
    if message.get("type") == "placeholder" and isinstance(message.get("name"), str):
        return ChatTurn("user", "", name_of(message["name"]))
    if "role" not in message:
        raise ValueError("a message has no role")
    return ChatTurn(role_of(message["role"]), text_of(message.get("content")))


def turns_of(messages: Json) -> tuple[ChatTurn, ...]:
    """The turns of a list of messages. Raises ValueError."""
    if not isinstance(messages, list):
        raise ValueError(f"messages are a list, not {type(messages).__name__}")
    return tuple(turn_of(each) for each in messages)


def text_of(content: Json) -> str:
    """The text of a content: itself, or its parts of text, each on a line of its own."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(_part, content)))
    raise ValueError(f"a content is text or a list of parts, not {type(content).__name__}")


def _part(part: Json) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and part.get("type") in TEXT_PARTS:
        text = part.get("text", part.get("content"))
        return text if isinstance(text, str) else ""
    return ""


def notes_on(messages: Json) -> tuple[tuple[str, str], ...]:
    """What of the messages our turns cannot say."""
    notes: dict[tuple[str, str], None] = {}
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict):
            continue
        content = message.get("content")
        if isinstance(content, list) and not all(map(_said, content)):
            notes[("content", "images, sounds and files stay with the format alone")] = None
        role = str(message.get("role", "user"))
        if role.lower() not in ROLES:
            notes[("role", f"{role[:40]!r} speaks as the user here")] = None
        for key in ("tool_calls", "function_call", "tool_call_id"):
            if message.get(key):
                notes[(key, "calls of tools stay with the format alone")] = None
    return tuple(notes)


def _said(part: Json) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and part.get("type") in TEXT_PARTS)


def said(turns: Sequence[ChatTurn], old: Json = None) -> list[Json]:
    """The turns as messages. A message that says what it said stays as it was; one whose text
    changed keeps its unknown members."""
    before = old if isinstance(old, list) else []
    return [
        _message(turn, before[place] if place < len(before) else None)
        for place, turn in enumerate(turns)
    ]


def _message(turn: ChatTurn, old: Json) -> Json:
    if turn.placeholder is not None:
        fresh: dict[str, Json] = {"type": "placeholder", "name": turn.placeholder}
    else:
        fresh = {"role": turn.role, "content": turn.content}
    if not isinstance(old, dict) or "role" not in old or turn.placeholder is not None:
        try:
            return old if old is not None and turn_of(old) == turn else fresh
        except ValueError:
            return fresh
    was = turn_of(old)
    if role_of(old["role"]) == turn.role:
        fresh["role"] = old["role"]
    return old if was == turn else {**old, **fresh}
