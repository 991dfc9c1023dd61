"""Prompts in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field, RootModel

from promptuary.api.schemas.basics import Moment, Name, ScalarIn, ScalarOut, Text, Wire
from promptuary.domain.prompts import Collection, IncomingPrompt, ModerationStatus, Prompt
from promptuary.domain.reports import PlacedPrompt, RejectedItem
from promptuary.domain.templates import Placement

_EXAMPLE: dict[str, Any] = {
    "content": "Translate the following text to Finnish: Good morning!",
    "id": "req-2041",
    "source": "support-bot",
    "metadata": {"model": "small-1"},
}
_PLACED: dict[str, Any] = {
    "prompt_id": "4d1f0f0e-5b0e-5c53-9a3d-6c1a3b0c2f11",
    "cluster_id": "9b2d7c1e-8d5f-5a41-8f4e-2f7f4b6a9c30",
    "similarity_score": 0.94,
    "confidence_score": 0.9,
    "reasoning": "shares 6 of 6 fixed words with template; differs in slot `language`",
    "template_version": "1.0.0",
    "status": "accepted",
    "is_new_cluster": False,
}
_REPORTED: dict[str, Any] = {
    "batch_id": "night-7",
    "job_id": "0af3de7c-0a3b-442c-b1c7-31612d8afff5",
    "accepted": 998,
    "duplicates": 1,
    "rejected_count": 1,
    "rejected": [
        {
            "position": 17,
            "code": "MALFORMED_JSON",
            "reason": "Invalid JSON: EOF while parsing a string at line 1 column 40",
            "categories": [],
            "prompt_id": None,
        }
    ],
}
MOST_METADATA = 64


class PromptIn(Wire):
    """One prompt that somebody sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    content: str = Field(
        min_length=1,
        validation_alias=AliasChoices("content", "text", "prompt", "question", "instruction"),
        description="The text; `text`, `prompt`, `question` and `instruction` are understood too.",
    )
    id: Name | None = Field(
        default=None, description="Your own id of this occurrence; sent twice, kept once."
    )
    created_at: Moment | None = Field(default=None, description="When it was sent; else now.")
    source: Name | None = Field(default=None, description="Where it comes from.")
    metadata: dict[Name, ScalarIn] = Field(default_factory=dict, max_length=MOST_METADATA)

    def incoming(self) -> IncomingPrompt:
        """As the inside knows it."""
        return IncomingPrompt(self.content, self.id, self.created_at, self.source, self.metadata)


class ContentIn(RootModel[str]):
    """A line that is a bare string: a content and nothing else."""


class SubmitIn(PromptIn):
    """One prompt to be saved and placed at once."""

    batch_id: Name | None = Field(default=None, description="Noted in the prompt's metadata.")
    collection: Name = Field(default="default", description="Prompts that are mined together.")
    wait: bool = Field(default=True, description="false: saved, and placed by a worker later.")

    def incoming(self) -> IncomingPrompt:
        """As the inside knows it, with the batch id among the metadata."""
        noted = {"batch_id": self.batch_id} if self.batch_id else {}
        metadata = {**self.metadata, **noted}
        return IncomingPrompt(self.content, self.id, self.created_at, self.source, metadata)


class BatchIn(Wire):
    """Many prompts at once. A wrong one is reported by its position and stops nobody."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"batch_id": "night-7", "prompts": [_EXAMPLE]}]}
    )

    batch_id: Name | None = Field(
        default=None, description="The same batch id with the same prompts again changes nothing."
    )
    collection: Name = "default"
    prompts: list[Any] = Field(min_length=1, description="Prompts, or bare strings.")


class Submitted(Wire):
    """What became of one prompt. Without `cluster_id` it stands alone, or waits to be placed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLACED]})

    prompt_id: str
    cluster_id: str | None = None
    similarity_score: float | None = Field(default=None, ge=0, le=1)
    confidence_score: float | None = Field(default=None, ge=0, le=1)
    reasoning: Text | None = None
    template_version: str | None = Field(default=None, examples=["1.0.0"])
    status: str = Field(description="accepted, duplicate or received")
    is_new_cluster: bool = False
    template_id: str | None = None
    family_id: str | None = None
    waiting: bool = False
    job_id: str | None = None
    moderation_status: str | None = Field(
        default=None, description="safe, or masked where something was replaced before it was kept"
    )

    @classmethod
    def of(cls, placed: PlacedPrompt, version: str | None) -> Submitted:
        """From the facade's answer and the version of the template it was placed under."""
        status = "duplicate" if placed.prompt.count > 1 else "accepted"
        judged, placement = placed.prompt.status, placed.placement
        if placement is None:
            return cls(
                prompt_id=placed.prompt.id,
                status=status,
                waiting=placed.waiting,
                moderation_status=judged,
            )
        return cls(
            prompt_id=placed.prompt.id,
            cluster_id=placement.lineage_id,
            similarity_score=share(placement.similarity),
            confidence_score=share(placement.confidence),
            reasoning="; ".join(placement.reasons),
            template_version=version,
            status=status,
            template_id=placement.template_id,
            family_id=placed.family_id,
            waiting=placed.waiting,
            moderation_status=judged,
        )


class RejectedOut(Wire):
    """An item that was not accepted. `position` counts from 1: the item, or the line of NDJSON."""

    position: int
    code: str
    reason: Text
    categories: list[str]
    prompt_id: str | None

    @classmethod
    def of(cls, item: RejectedItem) -> RejectedOut:
        """From the report."""
        return cls(
            position=item.position,
            code=item.code,
            reason=item.reason,
            categories=list(item.categories),
            prompt_id=item.prompt_id,
        )


class BatchOut(Wire):
    """What a batch did. `rejected` holds the first 1,000 refusals, `rejected_count` all."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REPORTED]})

    batch_id: str
    job_id: str | None = Field(description="The job that places them; see /api/v1/jobs/{id}.")
    accepted: int
    duplicates: int
    rejected_count: int
    rejected: list[RejectedOut]
    masked: int = Field(default=0, description="Accepted, and kept with placeholders.")


class PlacementOut(Wire):
    """Which template explains a prompt, and why."""

    cluster_id: str
    template_id: str
    family_id: str | None
    slots: dict[Text, Text]
    residual: Text
    similarity_score: float
    confidence_score: float
    reasons: list[Text]

    @classmethod
    def of(cls, placement: Placement, family_id: str | None) -> PlacementOut:
        """From the record."""
        return cls(
            cluster_id=placement.lineage_id,
            template_id=placement.template_id,
            family_id=family_id,
            slots=dict(placement.slots),
            residual=placement.residual,
            similarity_score=share(placement.similarity),
            confidence_score=share(placement.confidence),
            reasons=list(placement.reasons),
        )


class PromptOut(Wire):
    """A distinct text of a collection, and how often it came."""

    id: str
    content: Text
    moderation_status: ModerationStatus
    created_at: datetime
    updated_at: datetime
    collection: str
    count: int
    source: Text | None
    metadata: dict[Text, ScalarOut]

    @classmethod
    def of(cls, prompt: Prompt) -> PromptOut:
        """From the record."""
        return cls(**_members(prompt))


class PlacedPromptOut(PromptOut):
    """A prompt with its placement; without one it stands alone, or waits. Prompts that stand alone
    but ask the same have a family too."""

    placement: PlacementOut | None
    family_id: str | None
    waiting: bool

    @classmethod
    def placed(cls, placed: PlacedPrompt) -> PlacedPromptOut:
        """From the facade's answer."""
        placement = placed.placement
        return cls(
            **_members(placed.prompt),
            placement=PlacementOut.of(placement, placed.family_id) if placement else None,
            family_id=placed.family_id,
            waiting=placed.waiting,
        )


class PromptList(Wire):
    """A page of prompts."""

    prompts: list[PromptOut]
    total: int
    next_cursor: str | None


class CollectionOut(Wire):
    """Prompts that are mined together."""

    id: str
    name: Text
    prompt_count: int
    waiting_count: int = Field(description="Saved and not yet through the engine.")
    created_at: datetime

    @classmethod
    def of(cls, collection: Collection) -> CollectionOut:
        """From the record."""
        return cls(
            id=collection.id,
            name=collection.name,
            prompt_count=collection.last_seq,
            waiting_count=collection.last_seq - collection.placed_seq,
            created_at=collection.created_at,
        )


class CollectionList(Wire):
    """A page of collections."""

    collections: list[CollectionOut]
    total: int
    next_cursor: str | None


def share(value: float) -> float:
    """A score held within 0..1."""
    return min(1.0, max(0.0, value))


def _members(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": prompt.id,
        "content": prompt.text,
        "moderation_status": prompt.status,
        "created_at": prompt.created_at,
        "updated_at": prompt.updated_at,
        "collection": prompt.collection,
        "count": prompt.count,
        "source": prompt.source,
        "metadata": dict(prompt.metadata),
    }
