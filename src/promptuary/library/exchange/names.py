"""Names of other stores as slugs and labels of ours, and slots as a template's text marks them."""

from __future__ import annotations

import re
from collections.abc import Container

from promptuary.domain.library import DeclaredSlot, PromptContent, Syntax
from promptuary.domain.slugs import slug_of

_ODD = re.compile(r"[^a-z0-9._-]+")
_EDGES = "-._"
_MARKS: dict[Syntax, re.Pattern[str]] = {
    "jinja": re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*(?:\||-?\}\})"),
    "mustache": re.compile(r"\{\{[{&]?\s*([A-Za-z_]\w*)\s*\}?\}\}"),
    "fstring": re.compile(r"(?<!\{)(?:\{\{)*\{([A-Za-z_]\w*)(?:![rsa])?(?::[^{}]*)?\}"),
}


def free_slug(name: str, taken: Container[str]) -> str:
    """The slug of that name, or with a number behind it the first that is free."""
    slug, number = slug_of(name), 1
    free = slug
    while free in taken:
        number += 1
        free = slug_of(f"{slug[:180]}-{number}")
    return free


def is_name(name: str) -> bool:
    """Whether a slot can be called that."""
    return name.isidentifier() and not name.startswith("_")


def name_of(text: str) -> str:
    """The name of a list of messages as our placeholders are named."""
    name = re.sub(r"\W", "_", text)
    return name if name.isidentifier() else f"messages_{name}"


def label_of(name: str) -> str:
    """The name of a label as labels are named here; empty when nothing of it can be."""
    return _ODD.sub("-", name.lower()).strip(_EDGES)[:64].strip(_EDGES)


def shown_name(slug: str, title: str) -> str:
    """The name for a format that has but one: the title, where it leads back to the slug."""
    return title if title and slug_of(title) == slug else slug


def slots_in(content: PromptContent) -> tuple[DeclaredSlot, ...]:
    """Slots that the text marks, in the order of first use. An expression is none: it stays text
    until it is rendered, in a sandbox."""
    marks = _MARKS.get(content.syntax)
    if marks is None:
        return ()
    texts = [content.text, *(turn.content for turn in content.turns)]
    names = dict.fromkeys(found for text in texts for found in marks.findall(text))
    return tuple(DeclaredSlot(name) for name in names)
