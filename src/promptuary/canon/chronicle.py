"""What happened to templates, to be looked at: `promptuary.evolution`."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from promptuary.canon.browse import difference
from promptuary.canon.testifying import PERSON
from promptuary.domain.errors import NotFound
from promptuary.domain.histories import History, LineageHistory, Relation, RelationKind
from promptuary.domain.pages import Page
from promptuary.domain.templates import EventType, EvolutionEvent, Family, Lineage
from promptuary.ports._evolution import EventsAsked
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

MOST = 50
"""Lineages of one history; a screen shows no more."""
MOST_EVENTS = 1_000
CONTINUES: tuple[EventType, ...] = ("UPDATED", "SLOT_ADDED", "SLOT_REMOVED", "DRIFT_DETECTED")


class Chronicle:
    """`promptuary.evolution`: events over all templates, and histories of families."""

    def __init__(self, record: UnitOfWork) -> None:
        self._record = record

    async def list(
        self,
        *,
        collection: str | None = None,
        family_id: str | None = None,
        lineage_id: str | None = None,
        types: Sequence[EventType] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        detected_by: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[EvolutionEvent]:
        """The latest first, of those that fit everything said. Raises NotFound for the collection,
        family or lineage. `offset` serves numbered pages."""
        async with self._record.read() as tx:
            asked = EventsAsked(
                collection_id=(await tx.collections.get(collection)).id if collection else None,
                family_id=(await tx.families.get(family_id)).id if family_id else None,
                lineage_ids=((await tx.templates.lineage(lineage_id)).id,) if lineage_id else (),
                types=tuple(types),
                since=since,
                until=until,
                detected_by=detected_by,
            )
            return await tx.evolution.list(asked, cursor=cursor, limit=limit, offset=offset)

    async def history(self, own_id: str) -> History:
        """Of a family, or of the family that a cluster is in (by itself, if it is in none), from
        the first prompt to the latest version. Raises NotFound."""
        async with self._record.read() as tx:
            family, lines, more = await _members(tx, own_id)
            ids = tuple(line.id for line in lines)
            events: Sequence[EvolutionEvent] = ()
            if ids:
                asked = EventsAsked(lineage_ids=ids)
                events = (await tx.evolution.list(asked, limit=MOST_EVENTS)).items[::-1]
            told = [await _told(tx, line) for line in lines]
        return History(family, tuple(told), tuple(events), tuple(relations(events)), more)


def relations(events: Iterable[EvolutionEvent]) -> Iterator[Relation]:
    """What events say of how lineages stand to one another, in the order of the events."""
    for event in events:
        kind: RelationKind
        if event.detected_by.startswith(PERSON):  # about families, not about what follows what
            continue
        if event.type == "SPLIT":
            kind = "split from"
        elif event.type == "CREATED" and event.evidence.before_ids:
            kind = "variant of"
        elif event.type in CONTINUES and event.evidence.lineage_ids:
            kind = "continues"
        elif event.type == "MERGED":
            for other in event.evidence.lineage_ids:
                yield Relation(other, "merged into", event.lineage_id, event.created_at, event.id)
            continue
        else:
            continue
        for other in event.evidence.lineage_ids:
            yield Relation(event.lineage_id, kind, other, event.created_at, event.id)


async def _members(
    tx: Transaction, own_id: str
) -> tuple[Family | None, builtins.list[Lineage], int]:
    """The family, its largest lineages by first use, and how many more there are."""
    for line in await tx.templates.some([own_id]):
        if line.family_id is None:
            return None, [line], 0
        own_id = line.family_id
    for family in await tx.families.some([own_id]):
        page = await tx.templates.list(family_id=own_id, limit=MOST)
        lines = sorted(page.items, key=lambda line: (line.created_at, line.id))
        return family, lines, page.total - len(lines)
    raise NotFound("family or cluster", own_id)


async def _told(tx: Transaction, line: Lineage) -> LineageHistory:
    found = await tx.collections.get(line.collection)
    first = await tx.prompts.after(found.id, line.first_seq - 1, limit=1, until=line.first_seq)
    versions = await tx.templates.history(line.id)
    diffs = [
        difference(old, new, await tx.templates.placed_count(new.id))
        for old, new in pairwise(versions)
    ]
    return LineageHistory(line, first[0] if first else None, tuple(versions), tuple(diffs))
