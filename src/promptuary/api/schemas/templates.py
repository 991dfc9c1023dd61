"""Templates with their slots, the clusters they explain, families, events and diffs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.prompts import PromptOut, share
from promptuary.domain.reports import TemplateDiff
from promptuary.domain.templates import Evidence, EvolutionEvent, Family, Lineage, Slot, Template


class SlotOut(Wire):
    """A typed hole. Values are the most frequent first, `counts` says how often each came."""

    name: str
    type: str = Field(examples=["language"])
    example_values: list[Text]
    counts: list[int]
    required: bool
    confidence: float

    @classmethod
    def of(cls, slot: Slot) -> SlotOut:
        """From the record."""
        return cls(
            name=slot.name,
            type=slot.type,
            example_values=[seen.value for seen in slot.examples],
            counts=[seen.count for seen in slot.examples],
            required=slot.required,
            confidence=share(slot.confidence),
        )


class TemplateOut(Wire):
    """One version of a cluster's canonical text. A slot stands in it as `{{name}}`."""

    id: str
    cluster_id: str
    template_content: Text = Field(examples=["Translate the following text to {{language}}:"])
    version: str = Field(examples=["1.1.0"])
    slots: list[SlotOut]
    confidence_score: float
    explanation: Text
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, template: Template) -> TemplateOut:
        """From the record; a version never changes, so it was updated when it was created."""
        return cls(**_template(template))


class TemplateDetail(TemplateOut):
    """A template, its slots also under the name that older clients read."""

    template_slots: list[SlotOut]

    @classmethod
    def of(cls, template: Template) -> TemplateDetail:
        """From the record."""
        members = _template(template)
        return cls(**members, template_slots=members["slots"])


class TemplateList(Wire):
    """A page of templates, by cursor or by number."""

    templates: list[TemplateOut]
    total: int
    page: int
    page_size: int
    next_cursor: str | None


class ClusterOut(Wire):
    """A template through time with the prompts it explains."""

    id: str
    name: Text = Field(examples=["Cluster-3f2a9c01"])
    similarity_threshold: float | None = Field(
        description="The score from which a prompt is placed; null: the engine's own, per template."
    )
    confidence_score: float
    created_at: datetime
    updated_at: datetime
    prompt_count: int
    family_id: str | None
    collection: str
    template_id: str
    merged_into: str | None

    @classmethod
    def of(cls, lineage: Lineage, threshold: float | None) -> ClusterOut:
        """From the record and the threshold of the settings."""
        return cls(**_cluster(lineage, threshold))


class ClusterDetail(ClusterOut):
    """A cluster with its current template and its newest prompts."""

    template: TemplateOut
    prompts: list[PromptOut]

    @classmethod
    def with_prompts(
        cls, lineage: Lineage, threshold: float | None, prompts: list[PromptOut]
    ) -> ClusterDetail:
        """From the record."""
        template = TemplateOut.of(lineage.template)
        return cls(**_cluster(lineage, threshold), template=template, prompts=prompts)


class ClusterList(Wire):
    """A page of clusters, by cursor or by number."""

    clusters: list[ClusterOut]
    total: int
    page: int
    page_size: int
    next_cursor: str | None


class FamilyOut(Wire):
    """Clusters whose templates ask the same thing."""

    id: str
    name: Text
    description: Text | None
    parent_family_id: str | None
    created_at: datetime
    updated_at: datetime
    cluster_count: int
    prompt_count: int
    collection: str

    @classmethod
    def of(cls, family: Family) -> FamilyOut:
        """From the record."""
        return cls(**_family(family))


class FamilyDetail(FamilyOut):
    """A family with its largest clusters; `/clusters?family_id=` pages through all of them."""

    clusters: list[ClusterOut]

    @classmethod
    def with_clusters(cls, family: Family, clusters: list[ClusterOut]) -> FamilyDetail:
        """From the record."""
        return cls(**_family(family), clusters=clusters)


class FamilyList(Wire):
    """A page of families."""

    families: list[FamilyOut]
    total: int
    next_cursor: str | None


class EvidenceOut(Wire):
    """Prompts from after and before it, other clusters it is about, words that came and went, and
    figures by name."""

    prompt_ids: list[str]
    before_ids: list[str]
    cluster_ids: list[str]
    came: list[Text]
    went: list[Text]
    statistics: dict[str, float] = Field(examples=[{"prompts_before": 24, "prompts_after": 18}])

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceOut:
        """From the record."""
        return cls(
            prompt_ids=list(evidence.prompt_ids),
            before_ids=list(evidence.before_ids),
            cluster_ids=list(evidence.lineage_ids),
            came=list(evidence.came),
            went=list(evidence.went),
            statistics=dict(evidence.statistics),
        )


class EventOut(Wire):
    """Something that happened to a cluster's template."""

    id: str
    template_id: str
    cluster_id: str
    event_type: str = Field(examples=["SLOT_ADDED"])
    previous_version: str | None
    new_version: str | None
    change_reason: Text
    detected_by: str
    confidence: float = Field(examples=[0.97])
    evidence: EvidenceOut
    created_at: datetime

    @classmethod
    def of(cls, event: EvolutionEvent) -> EventOut:
        """From the record."""
        return cls(
            id=event.id,
            template_id=event.template_id,
            cluster_id=event.lineage_id,
            event_type=event.type,
            previous_version=event.previous_version,
            new_version=event.new_version,
            change_reason=event.reason,
            detected_by=event.detected_by,
            confidence=event.confidence,
            evidence=EvidenceOut.of(event.evidence),
            created_at=event.created_at,
        )


class DiffLine(Wire):
    """A run of words: in both (`=`), only in the first (`-`), or only in the second (`+`)."""

    op: str = Field(examples=["="])
    text: Text


class DiffOut(Wire):
    """How two template versions differ."""

    from_template_id: str
    to_template_id: str
    from_version: str
    to_version: str
    lines: list[DiffLine]
    slots_added: list[str]
    slots_removed: list[str]
    moved_prompts: int

    @classmethod
    def of(cls, diff: TemplateDiff) -> DiffOut:
        """From the facade's answer."""
        return cls(
            from_template_id=diff.from_template_id,
            to_template_id=diff.to_template_id,
            from_version=diff.from_version,
            to_version=diff.to_version,
            lines=[DiffLine(op=op, text=text) for op, text in diff.lines],
            slots_added=list(diff.slots_added),
            slots_removed=list(diff.slots_removed),
            moved_prompts=diff.moved_prompts,
        )


def _template(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "cluster_id": template.lineage_id,
        "template_content": template.text,
        "version": template.version,
        "slots": [SlotOut.of(slot) for slot in template.slots],
        "confidence_score": share(template.confidence),
        "explanation": template.reason,
        "created_at": template.created_at,
        "updated_at": template.created_at,
    }


def _cluster(lineage: Lineage, threshold: float | None) -> dict[str, Any]:
    return {
        "id": lineage.id,
        "name": lineage.name or f"Cluster-{lineage.id[:8]}",
        "similarity_threshold": threshold,
        "confidence_score": share(lineage.template.confidence),
        "created_at": lineage.created_at,
        "updated_at": lineage.updated_at,
        "prompt_count": lineage.size,
        "family_id": lineage.family_id,
        "collection": lineage.collection,
        "template_id": lineage.template.id,
        "merged_into": lineage.merged_into,
    }


def _family(family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        "name": family.name,
        "description": None,
        "parent_family_id": family.parent_id,
        "created_at": family.created_at,
        "updated_at": family.updated_at,
        "cluster_count": family.templates,
        "prompt_count": family.size,
        "collection": family.collection,
    }
