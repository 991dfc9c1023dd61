"""promptfoo: the `prompts` of a configuration in YAML, texts or objects with `label` and `raw`; all
else of the file (providers, tests) stays as it stands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from promptuary.domain.library import PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text, yaml_text
from promptuary.library.exchange.first_words import first_words
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.names import shown_name
from promptuary.library.exchange.pieces import Cut
from promptuary.library.exchange.values import config_of, text
from promptuary.library.exchange.yaml_text import MappingNode, Node, ScalarNode, SequenceNode

FILE: Final = "file://"


def _cut(text: str) -> Cut:
    root = yaml_text.composed(text)
    if not isinstance(root, MappingNode | SequenceNode):
        raise ValueError("it is no mapping with prompts in it")
    yaml_text.value_of(root)  # nothing endless
    prompts = _prompts(root)
    if isinstance(prompts, ScalarNode):
        return Cut.at(text, [(prompts.start_mark.index, prompts.end_mark.index)])
    if not isinstance(prompts, SequenceNode):
        raise ValueError(
            "it has no list of prompts in it; files that it names are read by themselves"
        )
    return Cut.at(text, _items(text, prompts))


def _prompts(root: Node) -> Node | None:
    if isinstance(root, SequenceNode):
        return root
    assert isinstance(root, MappingNode)  # noqa: S101 - the caller has made sure
    return next((node for key, node in root.value if getattr(key, "value", "") == "prompts"), None)


def _items(text: str, prompts: SequenceNode) -> Iterator[tuple[int, int]]:
    """Where each item stands, in a block with its dash and what is before it on the line, so that
    it can be understood alone."""
    done = prompts.start_mark.index
    done -= prompts.start_mark.column if not prompts.flow_style else 0
    for node in prompts.value:
        start, end = node.start_mark.index, node.end_mark.index
        if start < done:
            raise ValueError("a prompt is an alias; write it out")
        if not prompts.flow_style:
            start = _dash(text, done, start)
        yield start, end
        done = end


def _dash(text: str, done: int, start: int) -> int:
    """Where the line with the dash of an item begins."""
    at = text.rfind("-", done, start)
    while at >= 0:
        begin = max(text.rfind("\n", 0, at) + 1, done)
        if not text[begin:at].strip(" \ufeff"):
            return begin
        at = text.rfind("-", done, at)
    raise ValueError("a prompt is an alias; write it out")


def _value(piece: str) -> Json:
    value = yaml_text.loads(piece)
    if piece.lstrip().startswith("-") and isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _understand(piece: str, _context: str) -> Draft | None:
    value = _value(piece)
    about: dict[str, Json] = value if isinstance(value, dict) else {}
    raw = about.get("raw") if about else value
    if not isinstance(raw, str) or raw.startswith(FILE) or _named(about.get("id")).startswith(FILE):
        return None
    label = text(about.get("label", about.get("id")), "label")
    config, notes = config_of(about.get("config"))
    if odd := sorted(set(about) - {"raw", "label", "id", "config"}):
        notes += ((", ".join(odd), "stays with the format alone"),)
    messages = _messages(raw)
    if messages is not None:
        notes += notes_on(messages)
        content = PromptContent(turns=turns_of(messages), config=config)
    else:
        content = PromptContent(text=raw, config=config)
    return Draft(label or first_words(raw), content, title=label, notes=notes)


def _named(id: Json) -> str:
    return id if isinstance(id, str) else ""


def _messages(raw: str) -> list[Json] | None:
    """A chat that is written as JSON; None for any other text."""
    if not raw.lstrip().startswith("["):
        return None
    try:
        messages = json_text.loads(raw.strip())
        return messages if turns_of(messages) else None
    except (ValueError, RecursionError):
        return None


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    was = _value(old.raw) if old else None
    value: dict[str, Json] = dict(was) if isinstance(was, dict) else {}
    if isinstance(was, str):
        value["raw"] = was
    content = draft.content
    if changed & {"text", "turns"}:
        chat = content.kind == "chat"
        before = _messages(value.get("raw", ""))
        value["raw"] = json_text.dumps(said(content.turns, before)) if chat else content.text
    if changed & {"title", "name"}:
        value["label"] = shown_name(draft.name, draft.title)
    if "config" in changed and (content.config != "{}" or "config" in value):
        value["config"] = json_text.loads(content.config)
    plain = value["raw"] if value.keys() == {"raw"} else value
    return _set(yaml_text.flow(plain), old.raw if old else "- ")


def _set(flow: str, before: str) -> str:
    """JSON, which is YAML, in the place of what stood there: behind its dash, before its end."""
    lead = before[: len(before) - len(before.lstrip())]
    tail = before[len(before.rstrip()) :] if before.strip() != "-" else ""
    return f"{lead}- {flow}{tail}" if before.lstrip().startswith("-") else f"{lead}{flow}{tail}"


def _join(pieces: Sequence[str], _context: str) -> str:
    """A configuration with these prompts alone."""
    items = [textwrap.dedent(_block(piece)).strip("\n") for piece in pieces]
    return "prompts:\n" + "".join(textwrap.indent(f"{item}\n", "  ") for item in items)


def _block(piece: str) -> str:
    """An item of a block, whatever it was an item of."""
    return piece if piece.lstrip().startswith("-") else f"- {yaml_text.flow(_value(piece))}"


FORM = Form(
    name="promptfoo",
    title="promptfoo configurations",
    suffix=".yaml",
    says=frozenset({"text", "turns", "config", "title"}),
    cut=_cut,
    understand=_understand,
    say=_say,
    join=_join,
    most_bytes=yaml_text.MOST_BYTES,
)
