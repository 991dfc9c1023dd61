"""Prompts: what somebody sent, how often, and what the moderator said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from promptuary.domain.filters import Scalar

ModerationStatus: TypeAlias = Literal["safe", "masked", "rejected"]
IngestStatus: TypeAlias = Literal["accepted", "duplicate", "rejected", "error"]


@dataclass(frozen=True, slots=True)
class IncomingPrompt:
    """One prompt as it comes in. `id` is the sender's own id for this occurrence, if any."""

    text: str
    id: str | None = None
    created_at: datetime | None = None
    source: str | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator thinks of one text. `scores` maps a flagged category to 0..1.

    `text` is what is to be kept instead of the text, where something in it was replaced, and
    `masked` how often each kind was; the record keeps the counts alone. `unasked` names moderators
    that could not be asked, so that the others' word stood.
    """

    allowed: bool
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None
    text: str | None = None
    masked: Mapping[str, int] = field(default_factory=dict)
    unasked: tuple[str, ...] = ()

    @property
    def status(self) -> ModerationStatus:
        """What a prompt is with this verdict, unless somebody releases it."""
        if not self.allowed:
            return "rejected"
        return "masked" if self.masked else "safe"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One distinct text of a collection. `seq` orders a collection without gaps, from 1.

    `status` is `masked` where something was replaced before the text was kept, and else nothing
    differs from a safe one. `family_id` is set where the prompt belongs to a family by what it asks
    itself, not through a template.
    """

    id: str
    collection: str
    seq: int
    text: str
    status: ModerationStatus
    verdict: Verdict
    count: int
    created_at: datetime
    updated_at: datetime
    source: str | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    family_id: str | None = None

    @property
    def aside(self) -> bool:
        """Whether moderation keeps it aside: neither placed nor mined nor found."""
        return self.status == "rejected"


@dataclass(frozen=True, slots=True)
class NewPrompt:
    """A validated, moderated prompt about to be saved. `key` names the occurrence."""

    id: str
    text: str
    key: str
    verdict: Verdict
    created_at: datetime
    source: str | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did: the prompt's id, and whether its text and this occurrence were new."""

    prompt_id: str
    new_text: bool
    new_occurrence: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a prompt was sent; `key` is the sender's id, or batch id and position."""

    key: str
    prompt_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Collection:
    """Prompts that are mined together. Seqs up to `placed_seq` have been through the engine."""

    id: str
    name: str
    last_seq: int
    placed_seq: int
    created_at: datetime


def content_hash(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hex; lone surrogates are hashed as they are."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def collection_id(name: str) -> str:
    """The id of the collection of that name: the same on every machine."""
    return str(uuid5(NAMESPACE_URL, f"promptuary:collection:{name}"))


def prompt_id(collection: str, text: str) -> str:
    """The id of a text in the collection of that id: the same on every machine."""
    return str(uuid5(NAMESPACE_URL, f"promptuary:prompt:{collection}:{content_hash(text)}"))
