"""Templates: canonical texts with typed slots, their versions, and which prompts they explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

SlotType: TypeAlias = Literal[
    "text", "number", "date", "enum", "language", "email", "url", "path", "code", "json",
    "list", "question", "name",
]  # fmt: skip
EventType: TypeAlias = Literal[
    "CREATED", "UPDATED", "SLOT_ADDED", "SLOT_REMOVED", "DRIFT_DETECTED", "SPLIT", "MERGED",
    "RETIRED",
]  # fmt: skip
RULES = "rules"
"""What an event names as its detector when no model and no person was asked."""


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A value that was seen in a slot, and in how many distinct prompts."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A typed hole. `required` when every placed prompt fills it; examples most frequent first."""

    name: str
    type: SlotType
    examples: tuple[SlotValue, ...]
    required: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a lineage. In `text` a slot is `{{name}}` (see `templates.filling`).

    `version` is semantic: wording is a patch, slots are a minor, meaning is a major change.
    """

    id: str
    lineage_id: str
    version: str
    text: str
    slots: tuple[Slot, ...]
    confidence: float
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SlotTally:
    """What is remembered of a slot's values: the most frequent (bounded) and how many came."""

    counts: Mapping[str, int] = field(default_factory=dict)
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Lineage:
    """A template through time with the prompts it explains: what the API calls a cluster.

    `examples` is a bounded sample of member texts, in any order; `tallies` is keyed by slot.
    `merged_into` is set when another lineage took this one over; its prompts moved along.
    """

    id: str
    collection: str
    name: str
    template: Template
    family_id: str | None
    size: int
    first_seq: int
    last_seq: int
    examples: tuple[str, ...]
    tallies: Mapping[str, SlotTally]
    created_at: datetime
    updated_at: datetime
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A prompt explained by a template: `residual` applied to the filled template gives it back."""

    prompt_id: str
    lineage_id: str
    template_id: str
    slots: Mapping[str, str]
    residual: str
    similarity: float
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Templates that ask the same thing. `size` counts prompts, `templates` counts lineages."""

    id: str
    collection: str
    name: str
    size: int
    templates: int
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """Prompts that belong to a family by themselves and that people had a say in: they go together
    wherever people say, and so do those that come later and ask the same.

    A family that nobody corrected has none. Its first one has its id; `name` and `created_at` are
    those of the family that it is by itself. `merged_into` is set where it was one with another
    before, and is so again.
    """

    id: str
    collection: str
    family_id: str | None
    name: str
    size: int
    created_at: datetime
    updated_at: datetime
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event rests on: some prompts from before and after it, other lineages that it is
    about, words that came and went, and figures by name."""

    prompt_ids: tuple[str, ...] = ()
    before_ids: tuple[str, ...] = ()
    lineage_ids: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    statistics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvolutionEvent:
    """Something that happened to a lineage, and why.

    `created_at` is when it happened, by the times of the prompts; `detected_by` is `rules`,
    `model:NAME` or `person:NAME`.
    """

    id: str
    lineage_id: str
    template_id: str
    type: EventType
    previous_version: str | None
    new_version: str | None
    reason: str
    detected_by: str
    created_at: datetime
    confidence: float = 1.0
    evidence: Evidence = field(default_factory=Evidence)
