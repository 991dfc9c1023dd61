"""How prompts of the library stand in the index: texts by field, and what they are filtered by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptuary.domain.filters import Value
from promptuary.domain.library import LibraryPrompt, PromptContent, PromptVersion

KIND = "library"
"""The kind of an entry of the index that is a kept prompt, found by its latest version."""

BOOSTS: Mapping[str, float] = {"title": 3.0, "lazy": 2.0, "text": 1.0, "about": 1.0}
"""How much the words ranker weighs the fields of a kept prompt."""


def texts_of(prompt: LibraryPrompt, version: PromptVersion) -> dict[str, str]:
    """`title` names it, `lazy` is what its author wrote first, `text` what it says, and `about`
    what is said about it."""
    about = prompt.about
    said = (about.description, *about.tags, *about.detected_topics, *about.topic_details.values())
    return {
        "title": f"{about.title} ({prompt.slug.replace('/', ' ')})",
        "lazy": version.content.lazy_text or "",
        "text": text_of(version.content),
        "about": "\n".join(filter(None, said)),
    }


def text_of(content: PromptContent) -> str:
    """All that a version says, as one text."""
    return "\n\n".join([content.text, *(turn.content for turn in content.turns)]).strip()


def payload_of(prompt: LibraryPrompt, version: PromptVersion) -> dict[str, Value]:
    """What a search filters, sorts and counts by; times are in seconds since 1970."""
    about = prompt.about
    payload: dict[str, Value] = {
        "kind": KIND,
        "tenant": prompt.tenant,
        "slug": prompt.slug,
        "domain": about.domain,
        "expertise": about.expertise_level,
        "tags": about.tags,
        "topics": about.detected_topics,
        "folders": tuple(folders(about.folder)),
        "created": int(prompt.created_at.timestamp()),
        "updated": int(prompt.updated_at.timestamp()),
        "archived": prompt.archived,
        "type": version.content.kind,
        "slots": tuple(slot.name for slot in version.content.slots),
    }
    if prompt.average_rating is not None:
        payload["rating"] = prompt.average_rating
    return payload


def folders(folder: str) -> Iterator[str]:
    """`a/b` lies in `a` and in `a/b`."""
    parts = folder.split("/") if folder else []
    for end in range(1, len(parts) + 1):
        yield "/".join(parts[:end])
