"""Dotprompt: one prompt a file, YAML in front, a Handlebars template with `{{role "system"}}` and
`{{history}}`."""

from __future__ import annotations

import re
from typing import Final

from promptuary.domain.errors import Unsupported
from promptuary.domain.library import ChatTurn, DeclaredSlot, PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import front_matter, json_text, yaml_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.front_matter import page_of
from promptuary.library.exchange.inputs import slot_of
from promptuary.library.exchange.messages import role_of
from promptuary.library.exchange.names import shown_name, slots_in
from promptuary.library.exchange.picoschemas import (
    Field,
    field_of,
    is_enough,
    is_json_schema,
    json_schema,
    picoschema,
    properties,
)
from promptuary.library.exchange.values import text

_MARK: Final = re.compile(r"""\{\{\s*(?:role\s+(?:"(\w+)"|'(\w+)')|(history))\s*\}\}""")
_HELPER: Final = re.compile(r"\{\{[~{]?\s*(#\w+|>\s*\w+|else|json|media|section)\b")
_CONFIG: Final = ("model", "config", "tools", "toolDefs", "output", "maxTurns")


def _understand(piece: str, _context: str) -> Draft | None:
    page = page_of(piece)
    front = page.front
    turns = _turns(page.body)
    config = json_text.dumps({key: front[key] for key in _CONFIG if key in front})
    content = PromptContent("" if turns else page.body, turns, "mustache", config=config)
    helpers = sorted({found[1].split()[0] for found in _HELPER.finditer(page.body)})
    variant = text(front.get("variant"), "variant")
    notes = [("template", f"the helper {each!r} of Handlebars is kept as text") for each in helpers]
    odd = sorted(set(front) - {*_CONFIG, "name", "variant", "description", "input"})
    notes += [(key, "stays with the format alone") for key in odd]
    name = text(front.get("name"), "name")
    return Draft(
        name=f"{name}.{variant}" if name and variant else name,
        content=PromptContent(
            content.text, turns, "mustache", _slots(content, front), config=config
        ),
        title=name,
        description=text(front.get("description"), "description"),
        notes=tuple(notes),
    )


def _turns(body: str) -> tuple[ChatTurn, ...]:
    """The messages; none without a mark. What stands before the first mark is the user's."""
    marks = list(_MARK.finditer(body))
    if not marks:
        return ()
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    first = body[: marks[0].start()].strip("\r\n")
    turns = [ChatTurn("user", first)] if first.strip() else []
    role = role_of("model")  # after the history it is the model's turn, unless a role is named
    for mark, end in zip(marks, ends, strict=True):
        said = body[mark.end() : end].strip("\r\n")
        if mark[3]:
            turns.append(ChatTurn("user", "", "history"))
            if not said.strip():
                continue
        else:
            role = role_of(mark[1] or mark[2])
        turns.append(ChatTurn(role, said))
    return tuple(turns)


def _slots(content: PromptContent, front: dict[str, Json]) -> tuple[DeclaredSlot, ...]:
    """Inputs of the schema with their defaults, and what else the template marks."""
    schema, defaults = _input(front, "schema"), _input(front, "default")
    if is_json_schema(schema):
        told = properties(schema)
    else:
        told = {each.name: each for each in map(field_of, schema, schema.values())}
    slots: dict[str, DeclaredSlot] = {}
    marked = [slot.name for slot in slots_in(content)]
    for name in dict.fromkeys([*told, *defaults, *marked]):
        field = told.get(name, Field(name, {}, required=True))
        default = {"default": defaults[name]} if name in defaults else {}
        slots[name] = slot_of(name, field.about | default, required=field.required)
    return tuple(slots.values())


def _input(front: dict[str, Json], key: str) -> dict[str, Json]:
    """An object of the front matter's `input`."""
    given = front.get("input")
    found = given.get(key) if isinstance(given, dict) else None
    return found if isinstance(found, dict) else {}


def _say_slots(content: PromptContent, front: dict[str, Json]) -> None:
    """The schema and the defaults of the slots; fields that say what they said stay."""
    given = front.get("input")
    about: dict[str, Json] = dict(given) if isinstance(given, dict) else {}
    if isinstance(about.get("schema"), str):  # it stands elsewhere, and is not ours to write
        return
    was = {slot.name: slot for slot in _slots(content, front)}
    schema, defaults = _input(front, "schema"), _input(front, "default")
    same = frozenset(slot.name for slot in content.slots if was.get(slot.name) == slot)
    if tuple(slots_in(content)) == content.slots:
        now: dict[str, Json] = {}
    elif is_json_schema(schema) or not (schema or is_enough(content.slots)):
        now = json_schema(content.slots, schema or {"type": "object"}, same)
    else:
        now = picoschema(content.slots, schema, same)
    given_now: dict[str, Json] = {
        slot.name: defaults[slot.name] if slot.name in same else slot.default
        for slot in content.slots
        if slot.default is not None
    }
    parts: dict[str, Json] = {"schema": now, "default": given_now}
    about = {key: each for key, each in about.items() if key not in parts}
    about |= {key: each for key, each in parts.items() if each}
    front.pop("input", None)
    if about:
        front["input"] = about


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    page = page_of(old.raw if old else "")
    front, content = dict(page.front), draft.content
    if changed & {"title", "name"}:
        front["name"] = shown_name(draft.name, draft.title)
    if "description" in changed and (draft.description or "description" in front):
        front["description"] = draft.description
    if "config" in changed:
        config = json_text.record(content.config)
        front = {k: v for k, v in front.items() if k not in _CONFIG} | _front_of(config)
    if "slots" in changed:
        _say_slots(content, front)
    body = _body(draft) if changed & {"text", "turns"} else page.body
    if front == page.front and page.head:
        return page.head + body
    return front_matter.said(front, body)


def _front_of(config: dict[str, Json]) -> dict[str, Json]:
    """A config as front matter; what Dotprompt has no key for is the model's configuration."""
    own: dict[str, Json] = {key: config[key] for key in _CONFIG if key in config}
    rest = {key: config[key] for key in config if key not in own}
    inner = own.get("config")
    if rest:
        own["config"] = {**(inner if isinstance(inner, dict) else {}), **rest}
    return own


def _body(draft: Draft) -> str:
    """The template. Raises Unsupported when a text in it would read as a role."""
    content = draft.content
    if any(_MARK.search(each) for each in (content.text, *(t.content for t in content.turns))):
        raise Unsupported(f"a mark in {draft.name} would read as a role in a .prompt file")
    if not content.turns:
        return content.text
    return "".join(map(_said, content.turns))


def _said(turn: ChatTurn) -> str:
    if turn.placeholder is not None:
        return "{{history}}\n" if turn.placeholder == "history" else f"{{{{{turn.placeholder}}}}}\n"
    role = "model" if turn.role == "assistant" else turn.role
    return f'{{{{role "{role}"}}}}\n{turn.content}\n'


FORM = Form(
    name="dotprompt",
    title="Dotprompt",
    suffix=".prompt",
    says=frozenset({"text", "turns", "slots", "config", "title", "description"}),
    cut=front_matter.alone,
    understand=_understand,
    say=_say,
    join=front_matter.only,
    single=True,
    most_bytes=yaml_text.MOST_BYTES,
)
