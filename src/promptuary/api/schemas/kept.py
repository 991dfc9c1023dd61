"""The library: kept prompts as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.library import Shown, SlotIn
from promptuary.domain.library import (
    Action,
    DeclaredSlot,
    Domain,
    Expertise,
    KeptPrompt,
    LibraryPrompt,
    PromptVersion,
    Role,
    Syntax,
)


class LabelOut(Shown):
    """A label and where it points."""

    name: str
    version_id: str
    protected: bool
    updated_at: datetime
    updated_by: Text


class LabelsOut(Wire):
    """The labels of a prompt, `latest` first."""

    labels: list[LabelOut]


class OriginOut(Shown):
    """Where something came from."""

    kind: Text
    id: Text
    part: Text


class SlotOut(SlotIn):
    """A slot as it was declared."""


class TurnOut(Shown):
    """A message of a chat prompt."""

    role: Role
    content: Text
    placeholder: Text | None = None


class VersionOut(Shown):
    """A version, and what it says."""

    id: str
    number: int
    branch: str
    kind: Literal["text", "chat"]
    text: Text
    turns: list[TurnOut]
    syntax: Syntax
    slots: list[SlotOut]
    lazy_text: Text | None
    config: Text
    parents: list[str]
    message: Text
    author: Text
    origins: list[OriginOut]
    created_at: datetime

    @classmethod
    def of(cls, version: PromptVersion) -> VersionOut:
        """From the facade's answer."""
        return cls(**_version(version))


class VersionList(Wire):
    """A page of versions, newest first."""

    versions: list[VersionOut]
    total: int
    next_cursor: str | None


class PromptOut(Shown):
    """A kept prompt without what its versions say."""

    id: str
    slug: str
    title: Text
    description: Text
    folder: Text
    tags: list[Text]
    domain: Domain
    expertise_level: Expertise
    detected_topics: list[Text]
    topic_details: dict[Text, Text]
    revision: int
    versions: int
    latest: str
    usage_count: int
    ratings: int
    average_rating: float | None
    archived: bool
    unknown: list[str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, prompt: LibraryPrompt) -> PromptOut:
        """From the facade's answer."""
        return cls(**_prompt(prompt))


class PromptList(Wire):
    """A page of kept prompts."""

    prompts: list[PromptOut]
    total: int
    next_cursor: str | None


class KeptOut(PromptOut):
    """A kept prompt with one of its versions. `lazy_prompt` is what its author wrote before it was
    refined, `refined_prompt` what the version says as one text."""

    lazy_prompt: Text | None
    refined_prompt: Text
    version: VersionOut
    labels: list[LabelOut]

    @classmethod
    def kept(cls, kept: KeptPrompt, text: str) -> KeptOut:
        """From the facade's answer, with its version as one text."""
        return cls(
            **_prompt(kept.prompt),
            lazy_prompt=kept.version.content.lazy_text,
            refined_prompt=text,
            version=VersionOut.of(kept.version),
            labels=[LabelOut.model_validate(each) for each in kept.labels],
        )


class RenderedOut(Shown):
    """A version with its slots filled."""

    slug: str
    version_id: str
    number: int
    text: Text
    turns: list[TurnOut]
    config: Text
    warnings: list[Text]


class VersionDiffOut(Wire):
    """How two versions differ; `lines` as `diff -u` writes them."""

    before: int
    after: int
    lines: list[Text]
    slots_added: list[str]
    slots_removed: list[str]
    slots_changed: list[str]
    config_changed: bool


class AuditOut(Shown):
    """Who did what."""

    slug: str
    action: Action
    detail: Text
    author: Text
    revision: int
    at: datetime


class AuditList(Wire):
    """A page of the audit trail, newest first."""

    entries: list[AuditOut]
    total: int
    next_cursor: str | None


class RatingOut(Shown):
    """What somebody thought of a version."""

    version_id: str
    stars: int
    comment: Text
    author: Text
    created_at: datetime


class RatingList(Wire):
    """A page of ratings, in the order given."""

    ratings: list[RatingOut]
    total: int
    next_cursor: str | None


class MissOut(Shown):
    """What was looked for and not found."""

    query: Text
    count: int
    first_at: datetime
    last_at: datetime


class MissList(Wire):
    """A page of them, most frequent first."""

    misses: list[MissOut]
    total: int
    next_cursor: str | None


class ShadowOut(Shown):
    """A template in the traffic that no kept prompt explains."""

    lineage_id: str
    name: Text
    size: int
    text: Text


class DriftOut(Shown):
    """A kept prompt that traffic has drifted away from."""

    slug: str
    number: int
    lineage_id: str
    adopted: str
    now: str
    text: Text


class AdoptionOut(Shown):
    """How much of the traffic the library explains."""

    shadows: list[ShadowOut]
    drifted: list[DriftOut]
    explained: int
    total: int


def _prompt(prompt: LibraryPrompt) -> dict[str, Any]:
    about = prompt.about
    names = ("title", "description", "folder", "domain", "expertise_level")
    own = (
        *("id", "slug", "revision", "versions", "latest", "usage_count", "ratings"),
        *("average_rating", "archived", "created_at", "updated_at"),
    )
    return {
        **{name: getattr(about, name) for name in names},
        **{name: getattr(prompt, name) for name in own},
        "tags": list(about.tags),
        "detected_topics": list(about.detected_topics),
        "topic_details": dict(about.topic_details),
        "unknown": list(prompt.unknown),
    }


def _version(version: PromptVersion) -> dict[str, Any]:
    content = version.content
    return {
        "id": version.id,
        "number": version.number,
        "branch": version.branch,
        "kind": content.kind,
        "text": content.text,
        "turns": [TurnOut.model_validate(turn) for turn in content.turns],
        "syntax": content.syntax,
        "slots": [SlotOut.model_construct(**_slot(slot)) for slot in content.slots],
        "lazy_text": content.lazy_text,
        "config": content.config,
        "parents": list(version.parents),
        "message": version.message,
        "author": version.author,
        "origins": [OriginOut.model_validate(origin) for origin in version.origins],
        "created_at": version.created_at,
    }


def _slot(slot: DeclaredSlot) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(slot, name) for name in SlotIn.model_fields}
    return {**told, "choices": list(slot.choices), "examples": list(slot.examples)}
