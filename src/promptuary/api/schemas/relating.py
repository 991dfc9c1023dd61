"""Events that belong to an event, and events that a text describes."""

from __future__ import annotations

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.conversation import EvidenceOut
from promptuary.conversation.related import Related, Relation
from promptuary.conversation.searching import FoundEvent


class RelatedOut(EvidenceOut):
    """An event that belongs to another, by which relation most, and how strongly, 0 to 1."""

    relationship_type: Relation
    relationship_strength: float
    score: float

    @classmethod
    def found(cls, each: Related) -> RelatedOut:
        """As older clients read it."""
        return cls(
            **EvidenceOut.of(each.event).model_dump(),
            relationship_type=each.relation,
            relationship_strength=each.strength,
            score=each.strength,
        )


class RelatedEvents(Wire):
    """The strongest first."""

    event_id: Text
    related: list[RelatedOut]


class FoundOut(EvidenceOut):
    """An event that was searched for, and how well it fits, 0 to 1."""

    score: float

    @classmethod
    def found(cls, each: FoundEvent) -> FoundOut:
        """As older clients read it."""
        return cls(**EvidenceOut.of(each.event).model_dump(), score=each.score)


class FoundEvents(Wire):
    """The best first."""

    query: str
    found: list[FoundOut]
