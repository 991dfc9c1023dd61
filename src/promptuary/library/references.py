"""How a text says that it takes in what another prompt says, at a label.

`{{> support/tone@production }}` stands for what the prompt of that slug says at that label
(`latest` unless said; `#3` names a version by number), in each syntax but `plain`. What is taken in
is filled with the same values by its own rules, and then is data: nothing in it is read as a
template again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from promptuary.domain.library import LATEST, PromptContent, Syntax

_TAG = re.compile(r"\{\{>\s*([^\s{}@#]{1,200})(?:@([a-z0-9._-]{1,64})|#(\d{1,6}))?\s*\}\}")
OWN: Final = "promptuary_included_"
_HOLES: Final[Mapping[Syntax, str]] = {
    "jinja": "{{{{ {name} }}}}",
    "mustache": "{{{{{{{name}}}}}}}",
    "fstring": "{{{name}}}",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Which version of which prompt a text takes in."""

    slug: str
    version: str = LATEST

    def __str__(self) -> str:
        return f"{self.slug}@{self.version}"


def references(content: PromptContent) -> tuple[Reference, ...]:
    """What a content takes in, each once, in order."""
    if content.syntax == "plain":
        return ()
    texts = (content.text, *(turn.content for turn in content.turns))
    return tuple(dict.fromkeys(_reference(tag) for text in texts for tag in _TAG.finditer(text)))


def with_holes(text: str, syntax: Syntax) -> tuple[str, tuple[Reference, ...]]:
    """The text with a slot of ours in place of each reference; the nth stands for the nth."""
    if syntax == "plain":
        return text, ()
    found: list[Reference] = []

    def hole(tag: re.Match[str]) -> str:
        found.append(_reference(tag))
        return _HOLES[syntax].format(name=f"{OWN}{len(found) - 1}")

    return _TAG.sub(hole, text), tuple(found)


def with_texts(content: PromptContent, texts: Mapping[Reference, str]) -> PromptContent:
    """The content with these texts in place of what it takes in; other references stay."""
    if not texts:
        return content

    def put(tag: re.Match[str]) -> str:
        return texts.get(_reference(tag), tag[0])

    turns = (replace(turn, content=_TAG.sub(put, turn.content)) for turn in content.turns)
    return replace(content, text=_TAG.sub(put, content.text), turns=tuple(turns))


def redirected(content: PromptContent, to: Callable[[str], str]) -> PromptContent:
    """The content with each prompt that it takes in under the slug that `to` gives."""
    if content.syntax == "plain":
        return content

    def put(tag: re.Match[str]) -> str:
        at, end = tag.start(1) - tag.start(), tag.end(1) - tag.start()
        return tag[0][:at] + to(tag[1]) + tag[0][end:]

    turns = (replace(turn, content=_TAG.sub(put, turn.content)) for turn in content.turns)
    return replace(content, text=_TAG.sub(put, content.text), turns=tuple(turns))


def _reference(tag: re.Match[str]) -> Reference:
    return Reference(tag[1], tag[2] or tag[3] or LATEST)
