"""Names by a chat model as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import Name, Text, Wire
from promptuary.domain.namings import DoubtReport, Naming, NamingReport


class NamingIn(Wire):
    """What shall be named: the clusters and families `ids`, or without them all of the collection.
    With `again` also what was asked about before; at most `calls` calls are made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"collection": "default"}]})

    collection: Name = "default"
    ids: list[str] = Field(default=[], max_length=100)
    again: bool = False
    calls: int = Field(default=5, ge=1, le=100)


class NamingReportOut(Wire):
    """What naming did; `waiting` things are left, and `stopped` is the code of what ended it."""

    collection: Text
    named: int
    refused: int
    known: int
    waiting: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    stopped: str

    @classmethod
    def of(cls, report: NamingReport) -> NamingReportOut:
        """From the domain."""
        return cls(
            collection=report.collection,
            named=report.named,
            refused=report.refused,
            known=report.known,
            waiting=report.waiting,
            calls=report.calls,
            prompt_tokens=report.prompt_tokens,
            completion_tokens=report.completion_tokens,
            stopped=report.stopped,
        )


class DoubtsIn(Wire):
    """In which collection families that may be one are looked for, in at most `calls` calls."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"collection": "default"}]})

    collection: Name = "default"
    calls: int = Field(default=5, ge=1, le=100)


class DoubtfulPairOut(Wire):
    """Two families that may be one, with their names and the texts that lead each."""

    model_config = ConfigDict(from_attributes=True)

    family_ids: list[str]
    names: list[Text]
    texts: list[list[Text]]
    likeness: float
    said: str = Field(examples=["different"])


class DoubtList(Wire):
    """A page of pairs that nobody decided about, the likeliest first."""

    doubts: list[DoubtfulPairOut]
    total: int
    next_cursor: str | None


class DoubtReportOut(Wire):
    """What became of pairs of families that may be one."""

    model_config = ConfigDict(from_attributes=True)

    collection: Text
    merged: int
    different: int
    refused: int
    known: int
    waiting: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    stopped: str

    @classmethod
    def of(cls, report: DoubtReport) -> DoubtReportOut:
        """From the domain."""
        return cls.model_validate(report)


class SlotWordingOut(Wire):
    """What a slot of the template is called to people, and what stands in it."""

    slot: str
    name: str
    description: Text


class NamingOut(Wire):
    """What a model called a cluster or family, or why its words were `refused`."""

    id: str
    collection: Text
    own_id: str
    model: Text
    created_at: datetime
    name: Text | None
    description: Text | None
    slots: list[SlotWordingOut]
    refused: str
    detail: Text

    @classmethod
    def of(cls, naming: Naming) -> NamingOut:
        """From the record."""
        said = naming.wording
        slots = said.slots if said else ()
        return cls(
            id=naming.id,
            collection=naming.collection,
            own_id=naming.own_id,
            model=naming.model,
            created_at=naming.created_at,
            name=said.name if said else None,
            description=said.description if said else None,
            slots=[
                SlotWordingOut(slot=each.slot, name=each.name, description=each.description)
                for each in slots
            ],
            refused=naming.refused,
            detail=naming.detail,
        )


class NamingList(Wire):
    """A page of namings, the last made first."""

    namings: list[NamingOut]
    total: int
    next_cursor: str | None
