"""What one JSON value or row says: the prompt's text, its id, when and whence it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from promptuary.canon.reading.lines import BadLine
from promptuary.domain.filters import Scalar
from promptuary.domain.prompts import IncomingPrompt

TEXT_FIELDS = ("text", "prompt", "content", "question", "instruction")
ID_FIELDS = ("id", "custom_id")
TIME_FIELDS = ("created_at", "timestamp")
KNOWN_FIELDS = (*ID_FIELDS, *TIME_FIELDS, "source", "metadata", "dataset")
Messages: TypeAlias = Literal["joined", "each"]

_HEADINGS = {"system": "System", "developer": "System", "user": "User"}


@dataclass(frozen=True, slots=True)
class ReadPrompt:
    """A prompt of a file: the line it begins in, and the collection its `dataset` field names."""

    line: int
    prompt: IncomingPrompt
    dataset: str | None = None


class NotAPrompt(Exception):  # noqa: N818 - not an error of the caller: it becomes a BadLine
    """This record gives no prompt."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class RecordReader:
    """How a record is read. `text_field` is a member's name, or a path such as `request.prompt`.

    `chat` wants messages: True (only those), False (only texts), None (whatever there is).
    """

    text_field: str | None = None
    chat: bool | None = None
    messages: Messages = "joined"

    def read(self, line: int, value: object) -> Iterator[ReadPrompt | BadLine]:
        """The prompts of one parsed JSON value."""
        try:
            yield from self._prompts(line, value)
        except NotAPrompt as error:
            yield BadLine(line, error.code, str(error))

    def _prompts(self, line: int, value: object) -> Iterator[ReadPrompt]:
        record = value
        if is_conversation(value):
            record = {"messages": value}
        elif isinstance(value, str) and not self.text_field:
            record = {"text": value}
        if not isinstance(record, Mapping):
            raise NotAPrompt("NO_TEXT", f"a {_kind(value)} is no prompt: write an object or a text")
        texts = self._texts(record)
        sender = _identity(record)
        for number, text in enumerate(texts, 1):
            key = sender if sender is None or len(texts) == 1 else f"{sender}:{number}"
            prompt = IncomingPrompt(
                text, key, _created_at(record), _text(record, "source"), _metadata(record)
            )
            yield ReadPrompt(line, prompt, _text(record, "dataset"))

    def _texts(self, record: Mapping[str, object]) -> tuple[str, ...]:
        if self.text_field is not None:
            return (self._named(record, self.text_field),)
        call = _call(record) if self.chat is not False else None
        if call is not None:
            return _call_texts(call, self.messages)
        if self.chat:
            raise NotAPrompt("NO_TEXT", "there are no messages in this record")
        return (_plain_text(record),)

    def _named(self, record: Mapping[str, object], path: str) -> str:
        found: object = record.get(path)
        if found is None:
            found = record
            for step in path.split("."):
                found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            return found
        there = ", ".join(record) or "none"
        raise NotAPrompt("NO_TEXT", f"there is no text in {path!r}; the fields are: {there}")


def is_conversation(value: object) -> bool:
    """Whether it is a list of messages, each with a role."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, Mapping) and "role" in each for each in value)
    )


def parsed(line: int, text: str) -> object | BadLine:
    """The JSON value in `text`, or where it is broken."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        return BadLine(line, "INVALID_JSON", f"{error.msg} at character {error.pos + 1}")
    except (RecursionError, ValueError) as error:
        return BadLine(line, "INVALID_JSON", f"this JSON cannot be read: {error}")
    return value


def _plain_text(record: Mapping[str, object]) -> str:
    for name in TEXT_FIELDS:
        if isinstance(value := record.get(name), str):
            return value
    texts = [v for n, v in record.items() if isinstance(v, str) and n not in KNOWN_FIELDS]
    if len(texts) == 1:
        return texts[0]
    there = ", ".join(map(str, record)) or "none"
    reason = f"none of {', '.join(TEXT_FIELDS)} holds a text; the fields are: {there}"
    raise NotAPrompt("NO_TEXT", f"{reason}; name one with --text-field")


def _call(record: Mapping[str, object]) -> Mapping[str, object] | None:
    """The body of a call to a model: the record itself, or its `body` or `request`."""
    for name in ("body", "request"):
        if isinstance(inner := record.get(name), Mapping):
            return inner
    return record if isinstance(record.get("messages"), list) else None


def _call_texts(call: Mapping[str, object], messages: Messages) -> tuple[str, ...]:
    listed = call.get("messages", call.get("input", call.get("prompt")))
    said = list(_said(listed)) if isinstance(listed, list) else []
    if isinstance(listed, str):
        said = [("user", listed)]
    if isinstance(instructions := call.get("instructions"), str):
        said.insert(0, ("system", instructions))
    if not said:
        raise NotAPrompt("NO_TEXT", "no system or user message of this call holds a text")
    if messages == "each":
        return tuple(text for _, text in said)
    last = max((at for at, (role, _) in enumerate(said) if role == "user"), default=-1)
    asked = [each for at, each in enumerate(said) if each[0] != "user" or at == last]
    if len(asked) == 1:
        return (asked[0][1],)
    return ("\n\n".join(f"{_HEADINGS[role]}:\n{text}" for role, text in asked),)


def _said(messages: list[object]) -> Iterator[tuple[str, str]]:
    """Role and text of what was sent to the model; what it answered and what tools said is not."""
    for message in messages:
        if isinstance(message, str):
            yield "user", message
        elif isinstance(message, Mapping):
            role, text = str(message.get("role", "user")), _content(message.get("content"))
            if role in _HEADINGS and text:
                yield role, text


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def _identity(record: Mapping[str, object]) -> str | None:
    found = (record[name] for name in ID_FIELDS if record.get(name) not in (None, ""))
    return next((str(value) for value in found if isinstance(value, str | int)), None)


def _created_at(record: Mapping[str, object]) -> datetime | None:
    found = ((name, record[name]) for name in TIME_FIELDS if record.get(name) not in (None, ""))
    name, value = next(found, ("", None))
    if value is None:
        return None
    try:
        return _time(value)
    except (ValueError, OverflowError, OSError):
        reason = f"{name} {str(value)[:40]!r} is neither ISO 8601 nor seconds since 1970"
        raise NotAPrompt("INVALID_TIME", reason) from None


def _time(value: object) -> datetime:
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        time = datetime.fromisoformat(value.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    seconds = float(value)
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)


def _metadata(record: Mapping[str, object]) -> dict[str, Scalar]:
    given = record.get("metadata")
    return dict(_flat(given, "")) if isinstance(given, Mapping) else {}


def _flat(values: Mapping[str, object], prefix: str) -> Iterator[tuple[str, Scalar]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str | int | float | bool):
            yield f"{prefix}{name}", value
        elif value is not None:
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False)


def _text(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def _kind(value: object) -> str:
    names = {list: "list", bool: "truth value", int: "number", float: "number", str: "text"}
    return names.get(type(value), "null")
