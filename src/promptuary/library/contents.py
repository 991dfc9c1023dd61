"""What a prompt may say, checked before it is kept."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Final

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import About, DeclaredSlot, PromptContent
from promptuary.domain.slugs import folder_of, slug_of

LONGEST: Final = 1_000_000
"""Characters of a version in all."""
MOST_SLOTS: Final = 500
MOST_TAGS: Final = 100
LONGEST_NAME: Final = 255


def checked_content(content: PromptContent) -> PromptContent:
    """The content. Raises InvalidInput, TooLarge."""
    if content.text and content.turns:
        raise _wrong("content", "is a text or turns, not both")
    if not content.text.strip() and not content.turns:
        raise _wrong("content", "says nothing")
    size = len(content.text) + len(content.config) + sum(len(e.content) for e in content.turns)
    if size > LONGEST:
        raise TooLarge(f"a prompt has at most {LONGEST:,} characters, not {size:,}")
    _check_turns(content)
    _check_slots(content.slots)
    _check_config(content.config)
    return content


def checked_about(about: About | None, slug: str) -> About:
    """What is said about a prompt, made whole: a title from its slug, the slug's folder."""
    if about is None:
        about = About(title="")
    title = about.title.strip() or slug.rpartition("/")[2].replace("-", " ").capitalize()
    folder = about.folder.strip("/") or folder_of(slug)
    if folder and slug_of(folder) != folder:
        raise _wrong("folder", f"is no folder; try {slug_of(folder)!r}")
    tags = tuple(dict.fromkeys(tag.strip() for tag in about.tags if tag.strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_NAME for tag in tags):
        raise _wrong("tags", f"are at most {MOST_TAGS}, each of at most {LONGEST_NAME} characters")
    return replace(about, title=title, folder=folder, tags=tags)


def _check_turns(content: PromptContent) -> None:
    for turn in content.turns:
        if turn.placeholder is not None and turn.content:
            raise _wrong("turns", "hold content or a placeholder, not both")
        if turn.placeholder is not None and not turn.placeholder.isidentifier():
            raise _wrong("turns", f"have a placeholder that is no name: {turn.placeholder[:40]!r}")


def _check_slots(slots: tuple[DeclaredSlot, ...]) -> None:
    if len(slots) > MOST_SLOTS:
        raise _wrong("slots", f"are at most {MOST_SLOTS}")
    for slot in slots:
        if not slot.name.isidentifier() or slot.name.startswith("_"):
            raise _wrong("slots", f"are named like variables, not {slot.name[:40]!r}")
        if None not in {slot.minimum, slot.maximum} and slot.minimum > slot.maximum:  # type: ignore[operator]  # neither is None
            raise _wrong("slots", f"have a minimum above the maximum: {slot.name}")
    names = Counter(slot.name for slot in slots)
    if twice := [name for name, count in names.items() if count > 1]:
        raise _wrong("slots", f"are declared once each, not twice: {', '.join(twice[:5])}")


def _check_config(config: str) -> None:
    try:
        json.loads(config)
    except (ValueError, RecursionError) as error:
        raise _wrong("config", f"is no JSON: {error}") from error


def _wrong(field: str, what: str) -> InvalidInput:
    return InvalidInput(f"{field} {what}", fields={field: what})
