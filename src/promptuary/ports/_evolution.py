"""The part of the record that holds what happened to templates; what `ports/unit_of_work.py` says
holds here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from promptuary.domain.pages import Page
from promptuary.domain.templates import EventType, EvolutionEvent


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """Which events are wanted: all that fit everything said. `since` belongs, `until` does not.

    `family_id` asks for events of lineages that are of that family now; `collection_id` and
    `lineage_ids` (none for all) speak for themselves.
    """

    collection_id: str | None = None
    family_id: str | None = None
    lineage_ids: tuple[str, ...] = ()
    types: tuple[EventType, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    detected_by: str | None = None


class Evolution(Protocol):
    """Events over all lineages, and up to which prompt a collection was looked through."""

    async def list(
        self, asked: EventsAsked, *, cursor: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[EvolutionEvent]:
        """The latest first; of one time, by id downwards. `offset` skips so many more."""
        ...

    async def replace(
        self,
        lineage_ids: Sequence[str],
        events: Sequence[EvolutionEvent],
        *,
        since: datetime | None = None,
    ) -> None:
        """What `rules` found of these lineages (and at or after `since`, if it is given) is these
        events now; what people and models found stays. Another event of the same id is overwritten.
        """
        ...

    async def forget_merged(self, collection_id: str) -> None:
        """Drop what `rules` found of lineages that others took over."""
        ...

    async def reached(self, collection_id: str) -> int:
        """The seq up to which the collection was looked through; 0 at first."""
        ...

    async def mark(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Move it from `expected` to `seq`; raises Conflict when it stands elsewhere."""
        ...
