"""The fake record's events over all lineages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from promptuary.domain.errors import Conflict
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id as id_of
from promptuary.domain.templates import RULES, EvolutionEvent
from promptuary.ports._evolution import EventsAsked
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryEvolution:
    """The port `Evolution`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(
        self, asked: EventsAsked, *, cursor: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[EvolutionEvent]:
        """The latest first."""
        return paged(
            [each for each in self._state.events.values() if self._fits(each, asked)],
            lambda each: (each.created_at.timestamp(), each.id),
            scope=f"evolution {asked}",
            cursor=cursor,
            limit=limit,
            offset=offset,
            reverse=True,
        )

    async def replace(
        self,
        lineage_ids: Sequence[str],
        events: Sequence[EvolutionEvent],
        *,
        since: datetime | None = None,
    ) -> None:
        """What rules found of these lineages is these events now."""
        known = self._state.write().events
        for each in list(known.values()):
            old = since is not None and each.created_at < since
            if each.lineage_id in lineage_ids and each.detected_by == RULES and not old:
                del known[each.id]
        for each in events:
            checked(ids=[each.id, each.lineage_id, each.template_id], times=[each.created_at])
            known[each.id] = each

    async def forget_merged(self, collection_id: str) -> None:
        """Drop what rules found of lineages that others took over."""
        state = self._state.write()
        for each in list(state.events.values()):
            line = state.lineages[each.lineage_id]
            here = id_of(line.collection) == collection_id
            if here and line.merged_into is not None and each.detected_by == RULES:
                del state.events[each.id]

    async def reached(self, collection_id: str) -> int:
        """0 at first."""
        return self._state.looked_through.get(collection_id, 0)

    async def mark(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Raises Conflict when it stands elsewhere."""
        if self._state.looked_through.get(collection_id, 0) != expected:
            raise Conflict("the collection was looked through by somebody else")
        self._state.write().looked_through[collection_id] = seq

    def _fits(self, event: EvolutionEvent, asked: EventsAsked) -> bool:
        line = self._state.lineages[event.lineage_id]
        return (
            asked.collection_id in {None, id_of(line.collection)}
            and asked.family_id in {None, line.family_id}
            and (not asked.lineage_ids or event.lineage_id in asked.lineage_ids)
            and (not asked.types or event.type in asked.types)
            and (asked.since is None or event.created_at >= asked.since)
            and (asked.until is None or event.created_at < asked.until)
            and asked.detected_by in {None, event.detected_by}
        )
