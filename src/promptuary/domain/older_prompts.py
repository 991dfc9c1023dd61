"""Prompts as an older prompt service keeps them, and what years of use do to such a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from promptuary.domain.library import Domain, Expertise, OutputFormat

Dirt: TypeAlias = Literal[
    "unreadable", "odd id", "duplicate", "numbered topic", "spelt domain", "unknown value",
    "orphan", "unlisted", "too large",
]  # fmt: skip
"""What may be wrong there: content that is no prompt; an id that is no number of 1 to 12 digits; a
prompt that says what one of a lower id says; a topic that carries a list's numbering; a domain
spelt as a program's name of it; an option that the service does not know; an id in a list whose
content is gone; a prompt in no list of its domain; a prompt longer than one may be here."""
DIRT: Final[tuple[Dirt, ...]] = (
    "unreadable", "odd id", "duplicate", "numbered topic", "spelt domain", "unknown value",
    "orphan", "unlisted", "too large",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OlderPrompt:
    """What is kept under an id, as it is; empty where it is not even a text."""

    id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class OlderList:
    """A list of ids there: those of a topic or of a domain, by the list's name."""

    name: str
    of: Literal["topic", "domain"]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OlderSaid:
    """What a prompt there says, cleaned: the six members of its answer and of its request."""

    text: str
    lazy_text: str | None = None
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    output_format: OutputFormat = "detailed"
    include_best_practices: bool = True
    include_examples: bool = True
    detected_topics: tuple[str, ...] = ()
    topic_details: Mapping[str, str] = field(default_factory=dict)
    recommended_references: tuple[str, ...] = ()
    prompt_file_content: str | None = None


@dataclass(frozen=True, slots=True)
class Census:
    """What stands in an older store: `prompts` that can be taken, bytes of their contents, lists,
    and how often each kind of dirt was found, with examples."""

    prompts: int = 0
    bytes: int = 0
    lists: int = 0
    dirt: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
