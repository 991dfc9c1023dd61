"""The evolve path: what changed in the traffic of templates, after windows were mined.

    lineages with prompts since the last time, and those that fell silent
        -> strands: templates that follow one another in time (`evolution/strands.py`)
        -> their newest prompts, in the order of the prompts' own times
        -> events (`evolution/telling.py`), which take the place of those found before
        -> how far this went

Events are what the prompts say as a whole, so a later prompt can date one better, or show that
three changes were one drift. Whoever is killed in between finds the same again under the same ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import anyio.to_thread

from promptuary.canon.evolution.sightings import Sighting, in_time
from promptuary.canon.evolution.strands import Line, Strands
from promptuary.canon.evolution.telling import Told, events_of
from promptuary.canon.evolution.volume import Volume
from promptuary.domain.errors import Conflict
from promptuary.domain.pages import each_page
from promptuary.domain.prompts import Collection
from promptuary.domain.templates import EvolutionEvent, Lineage
from promptuary.ports._evolution import EventsAsked
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

NEWEST = 300
"""Prompts of a lineage that are looked at: what changed before them was found before."""
AT_ONCE = 50
"""Strands that are read and written together."""
PAGE = 1_000
WORTH = 0.25
"""Looking again is worth it for this share of new prompts among those looked at."""
CHEAP = 1_000
"""So few are looked at again at any time."""
SILENT = timedelta(days=28)
MISSED = 8.0
"""A template is out of use when it was silent for so long while the traffic of others would have
brought so many prompts of it (e^-8: one in 3,000 by chance). A pause of everything tells nothing.
"""


async def evolve(
    record: UnitOfWork, clock: Clock, collection_name: str, *, complete: bool = True
) -> None:
    """Find what changed since the last time, if prompts were placed since; unless it is to be
    `complete`, only if these are many enough beside those that would be looked at again."""
    async with record.read() as tx:
        collection = await tx.collections.get(collection_name)
        reached = await tx.evolution.reached(collection.id)
        if reached == collection.placed_seq:
            return
        lineages = {line.id: line for line in await tx.templates.lineages(collection.id)}
        retired = await _retired(tx, collection.id)
    now = clock.now()
    lines = [_line(lineage, now) for lineage in lineages.values()]
    quiet = {line.id for line in _silent(lines, lineages, collection.last_seq)}
    wanted = [
        key for key, each in lineages.items() if each.last_seq > reached or key in quiet - retired
    ]
    again = sum(min(lineages[key].size, NEWEST) for key in wanted)
    if not complete and collection.placed_seq - reached < WORTH * (again - CHEAP):
        return
    strands = await anyio.to_thread.run_sync(partial(_strands, lines, wanted))
    with suppress(Conflict):  # somebody else found the same
        for start in range(0, len(strands), AT_ONCE):
            some = strands[start : start + AT_ONCE]
            async with record.read() as tx:
                read = [await _strand(tx, collection, strand, lineages, now) for strand in some]
            found = await anyio.to_thread.run_sync(partial(_all, read, quiet))
            async with record.begin() as tx:
                # Holds the mark: of several that look at once, one after the other writes.
                await tx.evolution.mark(collection.id, reached, expected=reached)
                for strand, events in zip(read, found, strict=True):
                    await tx.evolution.replace(strand.ids, events, since=strand.since)
        async with record.begin() as tx:
            await tx.evolution.forget_merged(collection.id)
            await tx.evolution.mark(collection.id, collection.placed_seq, expected=reached)


def _strands(lines: Sequence[Line], wanted: Sequence[str]) -> list[tuple[Line, ...]]:
    return Strands(lines).of(wanted)


@dataclass(frozen=True, slots=True)
class _Strand:
    """What was read of a strand. `since` is set where earlier prompts than the first were left
    out; `last_used` is the last time that any of them was sent."""

    ids: tuple[str, ...]
    sightings: Sequence[Sighting]
    told: Told
    last_used: datetime
    since: datetime | None


async def _strand(
    tx: Transaction,
    collection: Collection,
    strand: Sequence[Line],
    lineages: dict[str, Lineage],
    now: datetime,
) -> _Strand:
    ids = tuple(line.id for line in strand)
    sightings: list[Sighting] = []
    first: list[Sighting] = []
    last_used = strand[0].last
    versions: dict[str, str] = {}
    for key in ids:
        page = await tx.prompts.list(lineage_id=key, limit=NEWEST)
        last_used = max([last_used, *(min(each.updated_at, now) for each in page.items)])
        sightings += await _sightings(tx, [each.id for each in page.items], now)
        if page.next_cursor is not None:
            begin = lineages[key].first_seq
            founding = await tx.prompts.after(collection.id, begin - 1, limit=1, until=begin)
            first += await _sightings(tx, [each.id for each in founding], now)
        versions |= {each.id: each.version for each in await tx.templates.history(key)}
    sightings = [each for each in sightings if each.template_id in versions] or sightings
    since = min(each.at for each in sightings) if first else None
    known = {each.prompt_id for each in sightings}
    return _Strand(
        ids,
        in_time([*sightings, *(each for each in first if each.prompt_id not in known)]),
        Told(collection.id, versions),
        last_used,
        since,
    )


async def _sightings(tx: Transaction, ids: Sequence[str], now: datetime) -> list[Sighting]:
    """A time that has not come yet is a clock that is wrong."""
    prompts = {each.id: each for each in await tx.prompts.get(ids)}
    return [
        Sighting(
            each.prompt_id,
            min(prompts[each.prompt_id].created_at, now),
            prompts[each.prompt_id].text,
            each.lineage_id,
            each.template_id,
        )
        for each in await tx.templates.placements(ids)
    ]


async def _retired(tx: Transaction, collection_id: str) -> set[str]:
    """The lineages that were found to be out of use."""
    asked = EventsAsked(collection_id, types=("RETIRED",))
    found: set[str] = set()
    async for page in each_page(lambda at: tx.evolution.list(asked, cursor=at, limit=PAGE)):
        for event in page.items:
            found |= {event.lineage_id, *event.evidence.lineage_ids}
    return found


def _all(strands: Sequence[_Strand], quiet: set[str]) -> list[list[EvolutionEvent]]:
    found = []
    for strand in strands:
        told = strand.told
        if quiet.issuperset(strand.ids) and strand.last_used <= strand.sightings[-1].at:
            told = replace(told, silent_since=strand.last_used)
        found.append(events_of(strand.sightings, told))
    return found


def _line(lineage: Lineage, now: datetime) -> Line:
    return Line(
        lineage.id,
        lineage.template.text,
        min(lineage.created_at, now),
        min(lineage.updated_at, now),
        lineage.size,
    )


def _silent(
    lines: Sequence[Line], lineages: Mapping[str, Lineage], last_seq: int
) -> Iterator[Line]:
    """Those that the traffic of all others should have brought again since they were seen last, by
    the times of the prompts and by their order of arrival both."""
    if not lines:
        return
    end, volume = max(line.last for line in lines), Volume(lines)
    for line in lines:
        if end - line.last < SILENT:
            continue
        during = volume.between(line.first, line.last)
        after = volume.between(line.last, end)
        known = lineages[line.id]
        arrived = line.size / max(1, known.last_seq - known.first_seq + 1)
        if not during or line.size / during * after < MISSED:
            continue
        if arrived * (last_seq - known.last_seq) >= MISSED:
            yield line
