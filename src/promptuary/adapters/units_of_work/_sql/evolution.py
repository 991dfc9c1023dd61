"""What happened to templates, over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.rows import event_row, to_event
from promptuary.adapters.units_of_work._sql.schema import (
    clusters,
    evolution_events,
    family_cluster_mappings,
)
from promptuary.adapters.units_of_work._sql.schema_evolution import evolution_marks
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.errors import Conflict
from promptuary.domain.pages import Page
from promptuary.domain.templates import RULES, EvolutionEvent
from promptuary.ports._evolution import EventsAsked

_event, _mark = evolution_events.c, evolution_marks.c
_LATEST_FIRST = Order((_event.created_at, _event.id), (True, True))


class SqlEvolution:
    """The port `Evolution`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def list(
        self, asked: EventsAsked, *, cursor: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[EvolutionEvent]:
        """The latest first."""
        where = list(_conditions(asked))
        total = select(func.count()).select_from(evolution_events).where(*where)
        listing = Listing(f"evolution {asked}", _LATEST_FIRST, cursor, limit, offset)
        wanted = select(evolution_events).where(*where)
        return await listing.page(self._db, wanted, total, to_event)

    async def replace(
        self,
        lineage_ids: Sequence[str],
        events: Sequence[EvolutionEvent],
        *,
        since: datetime | None = None,
    ) -> None:
        """What rules found of these lineages is these events now."""
        for some in chunks(list(dict.fromkeys(lineage_ids))):
            gone = delete(evolution_events).where(
                among(_event.cluster_id, some), _event.detected_by == RULES
            )
            await self._db.run(gone if since is None else gone.where(_event.created_at >= since))
        for some in chunks([event.id for event in events]):
            await self._db.run(delete(evolution_events).where(among(_event.id, some)))
        await self._db.many(
            evolution_events.insert(), [event_row(each, at) for at, each in enumerate(events)]
        )

    async def forget_merged(self, collection_id: str) -> None:
        """Drop what rules found of lineages that others took over."""
        merged = select(clusters.c.id).where(
            same(clusters.c.collection_id, collection_id), clusters.c.merged_into.is_not(None)
        )
        gone = delete(evolution_events).where(
            _event.cluster_id.in_(merged), _event.detected_by == RULES
        )
        await self._db.run(gone)

    async def reached(self, collection_id: str) -> int:
        """The seq up to which the collection was looked through."""
        return await self._db.number(
            select(_mark.seq).where(same(_mark.collection_id, collection_id))
        )

    async def mark(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Raises Conflict when it stands elsewhere."""
        first = self._db.insert_missing(evolution_marks)
        await self._db.run(first.values(collection_id=collection_id, seq=0))
        moved = update(evolution_marks).where(
            same(_mark.collection_id, collection_id), _mark.seq == expected
        )
        if not (await self._db.run(moved.values(seq=seq))).rowcount:
            raise Conflict("the collection was looked through by somebody else")


def _conditions(asked: EventsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.collection_id is not None:
        own = select(clusters.c.id).where(same(clusters.c.collection_id, asked.collection_id))
        yield _event.cluster_id.in_(own)
    if asked.family_id is not None:
        mapping = family_cluster_mappings.c
        of_it = select(mapping.cluster_id).where(same(mapping.family_id, asked.family_id))
        yield _event.cluster_id.in_(of_it)
    if asked.lineage_ids:
        yield among(_event.cluster_id, asked.lineage_ids)
    if asked.types:
        yield _event.event_type.in_(asked.types)
    if asked.since is not None:
        yield _event.created_at >= asked.since
    if asked.until is not None:
        yield _event.created_at < asked.until
    if asked.detected_by is not None:
        yield _event.detected_by == asked.detected_by
