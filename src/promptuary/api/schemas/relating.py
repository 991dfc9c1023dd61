"""Events that belong to an event."""

from __future__ import annotations

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.conversation import EvidenceOut
from promptuary.conversation.related import Related, Relation


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
