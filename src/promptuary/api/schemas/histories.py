"""Events in pages, and histories, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.templates import DiffOut, EventOut, FamilyOut, TemplateOut
from promptuary.domain.histories import History, LineageHistory, Relation


class EventList(Wire):
    """A page of events, the latest first."""

    events: list[EventOut]
    total: int
    page: int
    page_size: int
    next_cursor: str | None


class RelationOut(Wire):
    """How one cluster stands to another, and by which event."""

    cluster_id: str
    relation: str = Field(examples=["continues"])
    other_cluster_id: str
    since: datetime
    event_id: str

    @classmethod
    def of(cls, relation: Relation) -> RelationOut:
        """From the facade's answer."""
        return cls(
            cluster_id=relation.lineage_id,
            relation=relation.kind,
            other_cluster_id=relation.other_id,
            since=relation.since,
            event_id=relation.event_id,
        )


class ClusterHistory(Wire):
    """A cluster with its first prompt, its versions, and what each changed and moved."""

    cluster_id: str
    name: Text
    prompt_count: int
    created_at: datetime
    updated_at: datetime
    first_prompt_id: str | None
    first_prompt: Text | None
    versions: list[TemplateOut]
    diffs: list[DiffOut]

    @classmethod
    def of(cls, told: LineageHistory) -> ClusterHistory:
        """From the facade's answer."""
        line = told.lineage
        return cls(
            cluster_id=line.id,
            name=line.name,
            prompt_count=line.size,
            created_at=line.created_at,
            updated_at=line.updated_at,
            first_prompt_id=told.first.id if told.first else None,
            first_prompt=told.first.text if told.first else None,
            versions=[TemplateOut.of(version) for version in told.versions],
            diffs=[DiffOut.of(diff) for diff in told.diffs],
        )


class HistoryOut(Wire):
    """A family through time; `more` clusters, the smallest, were left out."""

    family: FamilyOut | None
    clusters: list[ClusterHistory]
    events: list[EventOut]
    relations: list[RelationOut]
    more: int

    @classmethod
    def of(cls, history: History) -> HistoryOut:
        """From the facade's answer."""
        return cls(
            family=FamilyOut.of(history.family) if history.family else None,
            clusters=[ClusterHistory.of(each) for each in history.lineages],
            events=[EventOut.of(each) for each in history.events],
            relations=[RelationOut.of(each) for each in history.relations],
            more=history.more,
        )
