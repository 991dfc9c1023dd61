"""Prompty: one prompt a file, YAML in front, a Jinja template with lines `system:`, `user:` and so
on before each message."""

from __future__ import annotations

import re
from typing import Final

from promptuary.domain.errors import Unsupported
from promptuary.domain.library import ChatTurn, DeclaredSlot, PromptContent, Syntax
from promptuary.domain.plain import Json
from promptuary.library.exchange import front_matter, json_text, yaml_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.front_matter import page_of
from promptuary.library.exchange.inputs import property_of, slot_of
from promptuary.library.exchange.messages import role_of
from promptuary.library.exchange.names import is_name, shown_name, slots_in
from promptuary.library.exchange.values import names, text

_ROLE: Final = re.compile(
    r"^[ \t]*#?[ \t]*(system|developer|user|assistant|tool|function)"
    r"[ \t]*(?:\[[^\]\n]*\])?:[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_SAID: Final = ("name", "displayName", "description", "tags", "inputs", "sample")
_CONFIG: Final = ("model", "outputs", "tools", "template", "response")


def _understand(piece: str, _context: str) -> Draft | None:
    page = page_of(piece)
    front = page.front
    syntax: Syntax = "mustache" if _engine(front) == "mustache" else "jinja"
    config = json_text.dumps({key: front[key] for key in _CONFIG if key in front})
    turns = _turns(page.body)
    content = PromptContent(
        text="" if turns else page.body, turns=turns, syntax=syntax, config=config
    )
    odd = sorted(set(front) - {*_CONFIG, *_SAID})
    return Draft(
        name=text(front.get("name"), "name"),
        content=PromptContent(
            content.text, content.turns, syntax, _slots(content, front), config=config
        ),
        title=text(front.get("displayName", front.get("name")), "name"),
        description=text(front.get("description"), "description"),
        tags=names(front.get("tags"), "tags"),
        notes=((", ".join(odd), "stays with the format alone"),) if odd else (),
    )


def _engine(front: dict[str, Json]) -> str:
    template = front.get("template")
    named = template.get("type", template.get("format")) if isinstance(template, dict) else template
    if isinstance(named, dict):
        named = named.get("kind")
    return str(named)


def _turns(body: str) -> tuple[ChatTurn, ...]:
    """The messages; none when no line names a role. What stands before the first is the
    system's."""
    marks = list(_ROLE.finditer(body))
    if not marks:
        return ()
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    first = body[: marks[0].start()].strip("\r\n")
    turns = [ChatTurn("system", first)] if first.strip() else []
    for mark, end in zip(marks, ends, strict=True):
        said = body[mark.end() : end].strip("\r\n")
        turns.append(ChatTurn(role_of(mark[1]), said))
    return tuple(turns)


def _slots(content: PromptContent, front: dict[str, Json]) -> tuple[DeclaredSlot, ...]:
    """Inputs with types, descriptions, defaults and samples, and what else the template marks."""
    declared, samples = _declared(front), _samples(front)
    marked = [slot.name for slot in slots_in(content)]
    return tuple(
        _slot(name, declared.get(name), samples.get(name))
        for name in dict.fromkeys([*declared, *marked])
    )


def _declared(front: dict[str, Json]) -> dict[str, Json]:
    """Inputs by name, in either shape: an object, or a list of objects with a name."""
    inputs = front.get("inputs")
    if isinstance(inputs, list):
        named = [each for each in inputs if isinstance(each, dict)]
        return {name: each for each in named if isinstance(name := each.get("name"), str)}
    return inputs if isinstance(inputs, dict) else {}


def _samples(front: dict[str, Json]) -> dict[str, Json]:
    sample = front.get("sample")
    return sample if isinstance(sample, dict) else {}


def _slot(name: str, declared: Json, sample: Json) -> DeclaredSlot:
    about = declared if isinstance(declared, dict) else {}
    if not isinstance(declared, dict | list) and declared is not None:
        about = {"default": declared}
    return slot_of(name, about, example=sample)


def _say_slots(content: PromptContent, front: dict[str, Json]) -> None:
    """Inputs that say what they said stay as they stood; the others are told anew."""
    was, samples, listed = _declared(front), _samples(front), isinstance(front.get("inputs"), list)
    if _slots(content, {key: each for key, each in front.items() if key != "inputs"}) == (
        content.slots
    ):
        front.pop("inputs", None)
        return
    now = {name: each for name, each in was.items() if not is_name(name)}  # no slot of ours
    for slot in content.slots:
        stays = (
            slot.name in was and _slot(slot.name, was[slot.name], samples.get(slot.name)) == slot
        )
        told = property_of(slot, "kind" if listed else "type")
        now[slot.name] = was[slot.name] if stays else {"name": slot.name, **told}
        if not stays and not listed:
            now[slot.name] = told
    front["inputs"] = list(now.values()) if listed else now


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    page = page_of(old.raw if old else "")
    front, content = dict(page.front), draft.content
    shown = "displayName" in front
    if changed & {"title", "name"} and not (shown and "name" not in changed):
        front["name"] = draft.name if shown else shown_name(draft.name, draft.title)
    if shown and "title" in changed:
        front["displayName"] = draft.title
    for key, now in (("description", draft.description), ("tags", list(draft.tags))):
        if key in changed and (now or key in front):
            front[key] = now
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
    """A config as front matter; one of another shape is the model's."""
    return config if config.keys() <= set(_CONFIG) else {"model": {"parameters": config}}


def _body(draft: Draft) -> str:
    """The template. Raises Unsupported when a line of it would read as a role."""
    content = draft.content
    texts = [content.text, *(turn.content for turn in content.turns)]
    if any(_ROLE.search(each) for each in texts):
        raise Unsupported(f"a line of {draft.name} would read as a role in a .prompty file")
    if not content.turns:
        return content.text
    return "\n\n".join(f"{turn.role}:\n{_line(turn)}" for turn in content.turns) + "\n"


def _line(turn: ChatTurn) -> str:
    return f"{{{{ {turn.placeholder} }}}}" if turn.placeholder is not None else turn.content


FORM = Form(
    name="prompty",
    title="Prompty",
    suffix=".prompty",
    says=frozenset({"text", "turns", "slots", "config", "title", "description", "tags"}),
    cut=front_matter.alone,
    understand=_understand,
    say=_say,
    join=front_matter.only,
    single=True,
    most_bytes=yaml_text.MOST_BYTES,
)
