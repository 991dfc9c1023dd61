"""Traces of generative AI as OpenTelemetry writes them (OTLP in JSON, one document or a line each):
the messages that went into each call of a model.

The conventions are still in development; read are `gen_ai.input.messages` with
`gen_ai.system_instructions`, the numbered `gen_ai.prompt.0.content`, and the older events
`gen_ai.user.message` and so on. Calls that say the same are one prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from promptuary.domain.library import ChatTurn, PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.first_words import first_words_of
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import role_of, text_of
from promptuary.library.exchange.names import shown_name
from promptuary.library.exchange.pieces import Cut

INPUT: Final = "gen_ai.input.messages"
SYSTEM: Final = "gen_ai.system_instructions"
NAME: Final = "gen_ai.prompt.name"
_SETTING: Final = "gen_ai.request."
_NUMBERED: Final = re.compile(r"gen_ai\.prompt\.(\d{1,4})\.(role|content)")
_EVENT: Final = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")


def _cut(text: str) -> Cut:
    cut = json_text.nested(text, "resourceSpans", "scopeSpans", "spans")
    if cut.pieces or '"resourceSpans"' in text:
        return cut
    raise ValueError("it has no resourceSpans")


def _understand(piece: str, _context: str) -> Draft | None:
    span = json_text.record(piece)
    attributes = _attributes(span.get("attributes"))
    turns = tuple(_turns(span, attributes))
    if not any(turn.content for turn in turns):
        return None
    settings = {
        key.removeprefix(_SETTING): value
        for key, value in attributes.items()
        if key.startswith(_SETTING)
    }
    name = attributes.get(NAME)
    named = name if isinstance(name, str) else ""
    content = PromptContent(turns=turns, syntax="plain", config=json_text.dumps(settings))
    return Draft(named or first_words_of(turns), content, title=named)


def _attributes(pairs: Json) -> dict[str, Json]:
    """Attributes by key. Raises ValueError."""
    if pairs is None:
        return {}
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise ValueError("attributes are no list of keys and values")
    return {str(pair.get("key")): _plain(pair.get("value")) for pair in pairs}


def _plain(value: Json) -> Json:
    """OTLP's `{"stringValue": …}` as the value it wraps."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((kind, inner),) = value.items()
    match kind:
        case "arrayValue":
            items = inner.get("values") if isinstance(inner, dict) else None
            return [_plain(each) for each in items or ()]
        case "kvlistValue":
            pairs = inner.get("values") if isinstance(inner, dict) else None
            return _attributes(pairs or [])
        case "intValue":
            return int(inner) if str(inner).removeprefix("-").isdecimal() else None
        case _:
            return inner


def _turns(span: dict[str, Json], attributes: dict[str, Json]) -> Iterator[ChatTurn]:
    """What went in, from the first of the conventions that this span keeps."""
    if INPUT in attributes or SYSTEM in attributes:
        for part in _structured(attributes.get(SYSTEM)):
            yield ChatTurn("system", _text([part]))
        for message in _structured(attributes.get(INPUT)):
            if isinstance(message, dict):
                said = message.get("parts", message.get("content"))
                yield ChatTurn(role_of(message.get("role")), _text(said))
        return
    if numbered := _numbered(attributes):
        yield from numbered
        return
    for event in span.get("events") or ():
        found = _EVENT.fullmatch(str(event.get("name"))) if isinstance(event, dict) else None
        content = _attributes(event.get("attributes")).get("content") if found else None
        if found and isinstance(content, str):
            yield ChatTurn(role_of(found[1]), content)


def _structured(value: Json) -> list[Json]:
    """A list that may be written as JSON in a text; a text alone is its one item."""
    if isinstance(value, str):
        try:
            value = json_text.loads(value)
        except (ValueError, RecursionError):
            return [value]
    return value if isinstance(value, list) else []


def _text(parts: Json) -> str:
    if isinstance(parts, list):
        return "\n".join(filter(None, (_part(part) for part in parts)))
    return text_of(parts)


def _part(part: Json) -> str:
    if isinstance(part, str):
        return part
    said = part.get("content", part.get("text")) if isinstance(part, dict) else None
    return said if isinstance(said, str) else ""


def _numbered(attributes: dict[str, Json]) -> list[ChatTurn]:
    found: dict[int, dict[str, str]] = {}
    for key, value in attributes.items():
        if (match := _NUMBERED.fullmatch(key)) and isinstance(value, str):
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [
        ChatTurn(role_of(each.get("role", "user")), each["content"])
        for _, each in sorted(found.items())
        if "content" in each
    ]


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    content = draft.content
    turns = content.turns or (ChatTurn("user", content.text),)
    if old is None:
        span = _fresh(draft)
        attributes: dict[str, Json] = {"gen_ai.operation.name": {"stringValue": "chat"}}
    else:
        span = json_text.record(old.raw)
        attributes = {str(pair.get("key")): pair.get("value") for pair in span["attributes"]}
    if changed & {"title", "name"}:
        attributes[NAME] = {"stringValue": shown_name(draft.name, draft.title)}
    if changed & {"text", "turns"}:
        for key in [key for key in attributes if key == SYSTEM or _NUMBERED.fullmatch(key)]:
            del attributes[key]
        said = [
            {"role": turn.role, "parts": [{"type": "text", "content": turn.content}]}
            for turn in turns
        ]
        attributes[INPUT] = {"stringValue": json_text.dumps(said)}
    if "config" in changed:
        attributes = {key: each for key, each in attributes.items() if not key.startswith(_SETTING)}
        for key, value in json_text.record(content.config).items():
            attributes[_SETTING + key] = _wrapped(value)
    span["attributes"] = [{"key": key, "value": value} for key, value in attributes.items()]
    return json_text.dumps(span)


def _fresh(draft: Draft) -> dict[str, Json]:
    """A span with ids that follow from the name."""
    digest = sha256(draft.name.encode()).hexdigest()
    return {"traceId": digest[:32], "spanId": digest[32:48], "name": "chat", "kind": 3}


def _wrapped(value: Json) -> dict[str, Json]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list():
            return {"arrayValue": {"values": [_wrapped(each) for each in value]}}
        case dict():
            pairs = [{"key": key, "value": _wrapped(each)} for key, each in value.items()]
            return {"kvlistValue": {"values": pairs}}
        case _:
            return {}


def _join(pieces: Sequence[str], _context: str) -> str:
    spans = ",\n".join(pieces)
    scope = '{"name": "promptuary"}'
    inner = f'{{"scope": {scope}, "spans": [\n{spans}\n]}}'
    return f'{{"resourceSpans": [{{"resource": {{}}, "scopeSpans": [{inner}]}}]}}\n'


FORM = Form(
    name="otel",
    title="OpenTelemetry traces",
    suffix=".json",
    says=frozenset({"text", "turns", "config", "title"}),
    cut=_cut,
    understand=_understand,
    say=_say,
    join=_join,
    distinct=True,
)
