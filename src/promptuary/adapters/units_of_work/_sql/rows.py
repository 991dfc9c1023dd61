"""Templates, lineages and events as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping

from promptuary.adapters.units_of_work._sql.schema import (
    canonical_templates,
    clusters,
    family_cluster_mappings,
)
from promptuary.domain.prompts import collection_id
from promptuary.domain.templates import (
    Evidence,
    EvolutionEvent,
    Lineage,
    Slot,
    SlotTally,
    SlotValue,
    Template,
)

_template = canonical_templates.c
_cluster = clusters.c


def lineage_row(lineage: Lineage) -> dict[str, Any]:
    """A lineage as a row of `clusters`."""
    return {
        "id": lineage.id,
        "collection_id": collection_id(lineage.collection),
        "name": lineage.name,
        "confidence_score": lineage.template.confidence,
        "current_template_id": lineage.template.id,
        "size": lineage.size,
        "first_seq": lineage.first_seq,
        "last_seq": lineage.last_seq,
        "examples": list(lineage.examples),
        "tallies": {
            slot: {"counts": dict(tally.counts), "seen": tally.seen}
            for slot, tally in lineage.tallies.items()
        },
        "merged_into": lineage.merged_into,
        "created_at": lineage.created_at,
        "updated_at": lineage.updated_at,
    }


def to_lineage(row: RowMapping) -> Lineage:
    """A lineage from a row of `clusters` joined with its template and family."""
    return Lineage(
        id=row[_cluster.id],
        collection=row["collection"],
        name=row[_cluster.name],
        template=to_template(row),
        family_id=row[family_cluster_mappings.c.family_id],
        size=row[_cluster.size],
        first_seq=row[_cluster.first_seq],
        last_seq=row[_cluster.last_seq],
        examples=tuple(row[_cluster.examples]),
        tallies={
            slot: SlotTally(tally["counts"], tally["seen"])
            for slot, tally in row[_cluster.tallies].items()
        },
        created_at=row[_cluster.created_at],
        updated_at=row[_cluster.updated_at],
        merged_into=row[_cluster.merged_into],
    )


def template_row(template: Template) -> dict[str, Any]:
    """A version as a row of `canonical_templates`."""
    return {
        "id": template.id,
        "cluster_id": template.lineage_id,
        "template_content": template.text,
        "version": template.version,
        "slots": [_slot(slot) for slot in template.slots],
        "confidence_score": template.confidence,
        "reason": template.reason,
        "created_at": template.created_at,
        "updated_at": template.created_at,
    }


def slot_rows(template: Template) -> list[dict[str, Any]]:
    """The same slots as rows of `template_slots`, for readers that query them one by one; their
    examples are plain texts there, the most frequent first."""
    return [
        {
            "id": str(uuid4()),
            "template_id": template.id,
            "position": position,
            "slot_name": slot.name,
            "slot_type": slot.type,
            "required": slot.required,
            "example_values": [seen.value for seen in slot.examples],
            "confidence_score": slot.confidence,
            "created_at": template.created_at,
        }
        for position, slot in enumerate(template.slots)
    ]


def to_template(row: RowMapping) -> Template:
    """A version from a row of `canonical_templates`."""
    return Template(
        id=row[_template.id],
        lineage_id=row[_template.cluster_id],
        version=row[_template.version],
        text=row[_template.template_content],
        slots=tuple(_to_slot(slot) for slot in row[_template.slots]),
        confidence=row[_template.confidence_score],
        reason=row[_template.reason],
        created_at=row[_template.created_at],
    )


def event_row(event: EvolutionEvent, ordinal: int) -> dict[str, Any]:
    """An event as a row of `evolution_events`; `ordinal` counts a lineage's events."""
    return {
        "id": event.id,
        "cluster_id": event.lineage_id,
        "template_id": event.template_id,
        "ordinal": ordinal,
        "event_type": event.type,
        "previous_version": event.previous_version,
        "new_version": event.new_version,
        "change_reason": event.reason,
        "detected_by": event.detected_by,
        "confidence_score": event.confidence,
        "evidence": asdict(event.evidence),
        "created_at": event.created_at,
    }


def to_event(row: RowMapping) -> EvolutionEvent:
    """An event from a row of `evolution_events`."""
    return EvolutionEvent(
        id=row["id"],
        lineage_id=row["cluster_id"],
        template_id=row["template_id"],
        type=row["event_type"],
        previous_version=row["previous_version"],
        new_version=row["new_version"],
        reason=row["change_reason"],
        detected_by=row["detected_by"],
        created_at=row["created_at"],
        confidence=row["confidence_score"],
        evidence=_to_evidence(row["evidence"]),
    )


def _to_evidence(stored: Mapping[str, Any]) -> Evidence:
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    return Evidence(**lists, statistics=stored.get("statistics", {}))


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "name": slot.name,
        "type": slot.type,
        "examples": _values(slot),
        "required": slot.required,
        "confidence": slot.confidence,
    }


def _values(slot: Slot) -> list[dict[str, Any]]:
    return [{"value": seen.value, "count": seen.count} for seen in slot.examples]


def _to_slot(stored: Mapping[str, Any]) -> Slot:
    return Slot(
        name=stored["name"],
        type=stored["type"],
        examples=tuple(SlotValue(seen["value"], seen["count"]) for seen in stored["examples"]),
        required=stored["required"],
        confidence=stored["confidence"],
    )
