"""Events: what cameras saw, counted exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    union_all,
    update,
)

from promptuary.adapters.units_of_work._sql import event_counts, event_words
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.event_filters import (
    THERE,
    Shape,
    conditions,
    micros,
    moment,
    named,
    shape_of,
    shaped,
)
from promptuary.adapters.units_of_work._sql.event_rows import row_of, to_event, zones_of
from promptuary.adapters.units_of_work._sql.event_scenes import beside
from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events, camera_facets
from promptuary.adapters.units_of_work._sql.schema_conversations import cameras as cameras_table
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.survey import survey
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import (
    Camera,
    Event,
    EventFilter,
    Intake,
    Site,
    Window,
    searchable,
    updated,
)
from promptuary.domain.pages import Page
from promptuary.ports._conversations import QUARTER, By, EventOrder, Moment

_event = camera_events.c
_FACETS = {"label": "label", "sub_label": "person"}
_BY = {"camera": _event.camera_id, "label": _event.label, "person": _event.sub_label}
_LASTED = _event.ended - _event.started
_ORDERS = {
    "first": (_event.started, _event.id),
    "last": (_event.started.desc(), _event.id.desc()),
    "longest": (_LASTED.desc(), _event.id),
    "shortest": (_LASTED, _event.id),
}
_NEWEST = Order((_event.started, _event.id), (True, True))
_KEPT = ("sub_label", "ended", "confidence", "description", "searched", "track_id", "clip")
"""What a message may leave open: then what is known stays, even when two write at once."""
FEW = 5_000
"""So many descriptions are soon read one by one; what more of them hold is soon met in passing."""
SHAPES = 256
_REPLACED = ("camera_id", "label", "started", "zones", "box", "metadata")


Facet: TypeAlias = tuple[str, str, str]
"""A camera, the kind of what it showed, and what it was."""


class SqlEvents:
    """The port `Events`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, events: Sequence[Event]) -> Intake:
        """Write events, or bring them up to date."""
        known: dict[str, Event | None] = {}
        for some in chunks(list({each.id for each in events})):
            rows = await self._db.rows(select(camera_events).where(_event.id.in_(some)))
            known.update({r["id"]: None if r["gone"] else to_event(r) for r in rows})
        stood = {key: each.description for key, each in known.items() if each is not None}
        new = changed = same = gone = 0
        written: dict[str, Event] = {}
        shown: set[Facet] = set()
        for event in events:
            exact = _kept(event)
            if exact.id not in known:
                new += 1
            elif (before := known[exact.id]) is None:
                gone += 1
                continue
            elif (exact := updated(before, exact)) == before:
                same += 1
                continue
            else:
                changed += 1
            known[exact.id] = written[exact.id] = exact
            shown.update(_facets(exact))
        await self._write(list(written.values()), sorted(shown))
        await event_words.write(self._db, _said(written.values(), stood), set(stood))
        await survey(self._db, camera_events, new)
        return Intake(new, changed, same, gone)

    async def _write(self, events: Sequence[Event], shown: Sequence[Facet]) -> None:
        if not events:
            return
        set_: dict[str, Any] = {name: self._db.excluded(name) for name in _REPLACED}
        for name in _KEPT:
            set_[name] = literal_column(f"coalesce(excluded.{name}, camera_events.{name})")
        insert = self._db.merging(camera_events, "id", set_, where=THERE)
        await self._db.many(insert, [row_of(each) for each in events])
        rows = [dict(zip(("camera_id", "kind", "value"), each, strict=True)) for each in shown]
        await self._db.many(self._db.insert_missing(camera_facets), rows)

    async def remove(self, ids: Sequence[str]) -> int:
        """Delete events; their ids stay, so that nothing that comes late brings them back."""
        gone = 0
        empty = dict.fromkeys((*_KEPT, "box"))
        for some in chunks(list(dict.fromkeys(ids))):
            there = _event.id.in_(some) & THERE
            gone += await self._db.number(
                select(func.count()).select_from(camera_events).where(there)
            )
            values: dict[str, Any] = {
                **empty,
                "gone": True,
                "metadata": {},
                "zones": "|",
                "label": "",
            }
            await self._db.run(update(camera_events).where(there).values(**values))
            await event_words.forget(self._db, some)
        return gone

    async def get(self, ids: Sequence[str]) -> list[Event]:
        """The events that exist, in the order asked."""
        found: dict[str, Event] = {}
        for some in chunks(list(dict.fromkeys(ids))):
            rows = await self._db.rows(select(camera_events).where(_event.id.in_(some), THERE))
            found.update({row["id"]: to_event(row) for row in rows})
        return [found[each] for each in ids if each in found]

    async def exists(self, where: EventFilter) -> bool:
        """Whether there is any."""
        wanted = await self._wanted(where, FEW)
        return bool(await self._db.number(select(exists(select(_event.id).where(*wanted)))))

    async def count(self, where: EventFilter) -> int:
        """How many there are."""
        if (kept := await event_counts.number(self._db, where)) is not None:
            return kept
        # Up to now is nearly always: all of them without the few that are later is quicker, as no
        # time of any is compared.
        match where.windows:
            case (Window(start=None, end=datetime() as end),) if not where.labels:
                later = replace(where, windows=(Window(end, None),))
                every = await self._count(replace(where, windows=()))
                return every - await self._count(later)
        return await self._count(where)

    async def _count(self, where: EventFilter) -> int:
        wanted = await self._wanted(where)
        return await self._db.number(select(func.count()).select_from(camera_events).where(*wanted))

    async def _wanted(self, where: EventFilter, most: int = 0) -> list[ColumnElement[bool]]:
        """What an event's row must meet, with the words looked up where they stand in no more than
        `most` descriptions; unless given, in fewer than there are to read otherwise."""
        if not where.words:
            return conditions(where)
        if not most:
            others = replace(where, words=(), above=None, at_least=None)
            most = max(FEW, await event_counts.number(self._db, others) or 0)
        narrowed = await event_words.narrowed(self._db, where.words, most)
        return [*conditions(where), *narrowed]

    async def count_by(self, where: EventFilter, by: By) -> Mapping[str, int]:
        """How many for each."""
        found = await event_counts.counted(self._db, where, by)
        if found is None:
            column = _BY.get(by, _event.zones)
            rows = await self._db.rows(
                select(column.label("value"), func.count().label("n"))
                .where(*await self._wanted(where), column.is_not(None))
                .group_by(column)
            )
            found = {row["value"]: row["n"] for row in rows}
        if by != "zone":
            return found
        counts: dict[str, int] = {}
        for zones, number in found.items():
            for zone in zones_of(zones):
                counts[zone] = counts.get(zone, 0) + number
        return counts

    async def quarters(self, where: EventFilter) -> Mapping[int, int]:
        """How many began in each quarter of an hour."""
        if (kept := await event_counts.quarters(self._db, where)) is not None:
            return kept
        quarter = (_event.started // literal_column(str(QUARTER * 1_000_000))).label("quarter")
        wanted = await self._wanted(where)
        rows = await self._db.rows(
            select(quarter, func.count().label("n")).where(*wanted).group_by(quarter)
        )
        return {int(row["quarter"]) * QUARTER: row["n"] for row in rows}

    async def crowd(self, where: EventFilter) -> tuple[int, datetime] | None:
        """The highest running sum over beginnings and ends; at one moment the ends come first."""
        there = conditions(where)
        until = case((_event.ended > _event.started, _event.ended), else_=_event.started + 1)
        steps = union_all(
            select(_event.started.label("at"), literal_column("1").label("step")).where(*there),
            select(until.label("at"), literal_column("-1").label("step")).where(*there),
        ).subquery()
        at, step = steps.c.at, steps.c.step
        going = func.sum(step).over(order_by=(at, step)).label("going")
        rows = await self._db.rows(select(at, going).order_by(going.desc(), at).limit(1))
        return (int(rows[0]["going"]), moment(rows[0]["at"])) if rows else None

    async def find(
        self, where: EventFilter, *, order: EventOrder = "first", limit: int = 50, skip: int = 0
    ) -> list[Event]:
        """Events in that order."""
        wanted = _found(shape_of(where), order)
        if where.words:
            wanted = wanted.where(*await event_words.narrowed(self._db, where.words, FEW))
        rows = await self._db.rows(wanted, {**named(where), "limit": limit, "skip": skip})
        return [to_event(row) for row in rows]

    async def frequencies(
        self, words: Sequence[str], where: EventFilter, *, most: int
    ) -> Mapping[str, int]:
        """In how many events each word stands."""
        known = {each: event_words.plain([each]) for each in words}
        only = [] if where == EventFilter() else conditions(where)
        return {
            each: await event_words.frequency(self._db, asked, only, most) if asked else 0
            for each, asked in known.items()
        }

    async def search(
        self, words: Sequence[str], where: EventFilter, *, limit: int = 50
    ) -> list[Event]:
        """Events whose description holds any of the words."""
        if not (words := event_words.plain(words)):
            return []
        wanted = event_words.ranked(self._db, words, conditions(where))
        return [to_event(row) for row in await self._db.rows(wanted.limit(limit))]

    async def beside(
        self, moments: Sequence[Moment], apart: timedelta, *, limit: int = 1_000
    ) -> list[Event]:
        """What began close to any of these."""
        if not moments:
            return []
        rows = await self._db.rows(beside(moments, apart).limit(limit))
        return [to_event(row) for row in rows]

    async def page(
        self, where: EventFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Event]:
        """The newest first."""
        wanted = conditions(where)
        listing = Listing(f"camera events {where!r}", _NEWEST, cursor, limit)
        total: Select[Any] = select(func.count()).select_from(camera_events).where(*wanted)
        return await listing.page(self._db, select(camera_events).where(*wanted), total, to_event)

    async def describe(self, cameras: Sequence[Camera]) -> None:
        """Write what is known of cameras."""
        insert = self._db.upsert(cameras_table, "id", "name", "labels", "zones", "people")
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "labels": list(each.labels),
                "zones": list(each.zones),
                "people": list(each.people),
            }
            for each in cameras
        ]
        await self._db.many(insert, rows)

    async def described(self) -> Sequence[Camera]:
        """What was written of cameras."""
        rows = await self._db.rows(select(cameras_table).order_by(cameras_table.c.id))
        return [
            Camera(
                row["id"],
                row["name"],
                labels=tuple(row["labels"]),
                zones=tuple(row["zones"]),
                people=tuple(row["people"]),
            )
            for row in rows
        ]

    async def site(self, cameras: Sequence[str] | None = None) -> Site:
        """The cameras with all that they see."""
        found: dict[str, dict[str, list[str]]] = {}
        names: dict[str, str] = {}
        for row in await self._db.rows(select(cameras_table)):
            names[row["id"]] = row["name"]
            found[row["id"]] = {
                "label": list(row["labels"]), "zone": list(row["zones"]),
                "person": list(row["people"]),
            }  # fmt: skip
        ordered = select(camera_facets).order_by(*camera_facets.primary_key.columns)
        for row in await self._db.rows(ordered):
            kinds = found.setdefault(row["camera_id"], {"label": [], "zone": [], "person": []})
            if row["value"] not in kinds[row["kind"]]:
                kinds[row["kind"]].append(row["value"])
        shown = sorted(found if cameras is None else found.keys() & set(cameras))
        first, last = await self._extent(None if cameras is None else shown)
        there = tuple(
            Camera(
                each,
                names.get(each, ""),
                labels=tuple(found[each]["label"]),
                zones=tuple(found[each]["zone"]),
                people=tuple(found[each]["person"]),
            )
            for each in shown
        )
        return Site(there, first, last)

    async def _extent(self, only: Sequence[str] | None) -> tuple[datetime | None, datetime | None]:
        """When the first and the last event began."""
        here = conditions(EventFilter(None if only is None else tuple(only)))
        ends = [
            (await self._db.row(select(_event.started).where(*here).order_by(order).limit(1)))
            for order in (_event.started, _event.started.desc())
        ]
        first, last = (moment(row["started"]) if row else None for row in ends)
        return first, last


@lru_cache(SHAPES)
def _found(shape: Shape, order: EventOrder) -> Select[Any]:
    """Written once for all filters of a shape: that takes longer than finding a few."""
    wanted = select(camera_events).where(*shaped(shape)).order_by(*_ORDERS[order])
    if order in {"longest", "shortest"}:
        wanted = wanted.where(_event.ended.is_not(None))
    return wanted.limit(bindparam("limit")).offset(bindparam("skip"))


def _kept(event: Event) -> Event:
    """As it comes back: in UTC. Raises InvalidInput for a time without a zone."""
    micros(event.start)
    if any("|" in zone for zone in event.zones):
        raise InvalidInput(f"the name of a zone holds no bar: {event.zones}")
    return event


def _said(events: Iterable[Event], stood: Mapping[str, str | None]) -> list[tuple[str, str | None]]:
    """Which words are to be kept of which events: only what is not kept yet."""
    return [
        (each.id, searchable(each.description).strip() or None)
        for each in events
        if each.id not in stood or each.description != stood[each.id]
    ]


def _facets(event: Event) -> list[Facet]:
    """What it shows of its camera: kind and value."""
    named = [(_FACETS[name], getattr(event, name)) for name in _FACETS]
    zones = [("zone", zone) for zone in event.zones]
    return [(event.camera, kind, value) for kind, value in chain(named, zones) if value]
