"""The watch over the events of a record: where it begins, how it goes on, what it has told.

Insights are kept, so that what was told stays told: after a restart the watch learns again from
where it began, says nothing of the time that it had told of, and goes on. A stretch that is watched
again because many events came late is told of too, once: what overlaps with a kept insight is it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from anyio import to_thread

from promptuary.conversation.insights.alarms import REST
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.insights.pulses import Pulses
from promptuary.conversation.insights.sensitivity import Sensitivity
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.domain.events import Camera, Event, EventFilter, Window
from promptuary.domain.insights import Insight, Sighting, Site
from promptuary.domain.watching import Watched
from promptuary.ports._conversations import QUARTER
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

LEARNT_FROM = timedelta(days=42).total_seconds()
LONGEST_MEMORY = timedelta(days=70).total_seconds()
"""After a restart the watch learns from where it began, but from no longer ago than this."""
KEPT = timedelta(days=90)
"""Insights and predictions that ended so long ago are forgotten."""
AT_ONCE = timedelta(hours=6).total_seconds()
LATE = timedelta(hours=1).total_seconds()
"""An event that comes so late still teaches."""
BACK = timedelta(days=1).total_seconds()
"""A clock that went back by less is waited for; by more, the watch begins anew."""
SAVED = 300.0
"""Seconds after which it is kept how far the watch came, though nothing was found."""
MANY, SHARE = 20, 0.02
"""More events than so many, and than this share, that came late are a backfill: the watch begins
anew with them."""
MOST = 1_000_000
ONE_BY_ONE = 20_000
"""So many events, the latest, are looked at one by one when the watch catches up (about four CPU
seconds); of those before, what is usual is learnt from how many there were in each quarter of an
hour."""
NEVER = float("-inf")


@dataclass(slots=True)  # changes: it goes on with every look
class Following:
    """The watch over one record. It can be thrown away: events and insights are kept there."""

    record: UnitOfWork
    timezone: str
    calendar: Calendar
    replay: Replay | None = None
    _began: float = 0.0
    _upto: float = NEVER
    _events: int = 0
    _told: float = NEVER
    _saved: float = NEVER
    _counted: float = NEVER
    _recent: set[str] = field(default_factory=set)

    @property
    def watch(self) -> Watch:
        """Where it is."""
        return self.replay.watch if self.replay else Watch(Site())

    @property
    def counted_until(self) -> datetime | None:
        """Until when events were only counted, because there were too many to look at each; None
        where this watch, or one before it, has looked at all of them."""
        return None if self._counted <= self._told else datetime.fromtimestamp(self._counted, UTC)

    async def to(self, now: datetime) -> None:
        """Go on to that moment and keep what is found."""
        at = now.timestamp()
        async with self.record.read() as tx:
            described, first = await tx.seen.described(), await tx.seen.find(EventFilter(), limit=1)
            feedback, watched = await tx.noticed.verdicts(), await tx.noticed.watched()
            pulses = await tx.noticed.pulses(at - LONGEST_MEMORY)
        site = site_of(described, self.calendar, self.timezone)
        earliest = max(first[0].start.timestamp() if first else at, at - LEARNT_FROM)
        replay = self.replay
        if replay is None or replay.watch.site != site:
            replay = await self._resumed(site, watched, at, earliest)
        if at < self._upto - BACK or await self._backfilled(earliest):
            replay = self._anew(site, earliest, NEVER)
        elif at - self._upto > LONGEST_MEMORY:
            replay = self._anew(site, earliest, self._upto)
        replay.watch.sensitivity = Sensitivity.of(feedback)
        replay.watch.pulses = Pulses.among(pulses)
        await self._learn_ends(replay)
        found = await self._caught_up(replay, at)
        while self._upto < at:
            found |= await self._further(replay, min(at, self._upto + AT_ONCE))
        if found or not 0 <= at - self._saved < SAVED:
            await self._save(list(found.values()), now)

    async def _resumed(
        self, site: Site, watched: Watched | None, at: float, earliest: float
    ) -> Replay:
        """From where the watch before this one began; it has told everything that it knew."""
        if watched is None:
            return self._anew(site, earliest, NEVER)
        older = earliest < watched.began - LATE
        if older or await self._more(watched.began, watched.upto, watched.events):
            return self._anew(site, earliest, NEVER)
        recent = at - watched.began <= LONGEST_MEMORY
        return self._anew(site, watched.began if recent else earliest, watched.upto)

    async def _backfilled(self, earliest: float) -> bool:
        """Whether many events came that the watch has passed by."""
        if self._upto == self._began:
            return False
        older = earliest < self._began - LATE
        return older or await self._more(self._began, self._upto, self._events)

    async def _more(self, start: float, end: float, known: int) -> bool:
        async with self.record.read() as tx:
            there = await tx.seen.count(_within(start, end))
        return there > known + max(MANY, SHARE * known)

    def _anew(self, site: Site, began: float, told: float) -> Replay:
        self.replay = Replay(Watch(site))
        self._began = self._upto = began
        self._told, self._events, self._recent = told, 0, set()
        self._counted = NEVER
        return self.replay

    async def _learn_ends(self, replay: Replay) -> None:
        """Events that went on at the last look and have ended since: else they seem to stay."""
        async with self.record.read() as tx:
            known = await tx.seen.get(replay.unended)
        for each in known:
            if each.end is not None:
                replay.ends(each.id, each.end.timestamp())

    async def _caught_up(self, replay: Replay, at: float) -> dict[str, Insight]:
        """Learn from the numbers of what is further back than the latest `ONE_BY_ONE` events; the
        silences among them are found. The work grows with cameras, labels and quarters of an hour,
        not with events."""
        start = self._upto
        async with self.record.read() as tx:
            until = _one_by_one_from(await tx.seen.quarters(_within(start, at)), at)
            if until <= start:
                return {}
            counts = await _counts(tx, _within(start, until))
            last = await tx.seen.find(_within(max(start, until - LATE), until), limit=MOST)
        self._upto = self._counted = until
        self._events += sum(each.number for each in counts)
        self._recent = {each.id for each in last}
        return await to_thread.run_sync(partial(_learnt, replay, counts, until))

    async def _further(self, replay: Replay, until: float) -> dict[str, Insight]:
        """What is found until then; events that came late teach first."""
        async with self.record.read() as tx:
            since = max(self._began, self._upto - LATE)
            there = await tx.seen.find(_within(since, until), limit=MOST)
        events = [each for each in there if each.id not in self._recent]
        found = await to_thread.run_sync(partial(_look, replay, events, until))
        self._upto, self._events = until, self._events + len(events)
        self._recent = {each.id for each in there if each.start.timestamp() >= until - LATE}
        return found

    async def _save(self, found: Sequence[Insight], now: datetime) -> None:
        async with self.record.begin() as tx:
            await tx.noticed.watch(Watched(self._began, self._upto, self._events))
            if found:
                start = min(each.start for each in found) - REST
                end = max(each.end for each in found) + REST
                known = await tx.noticed.between(start, end)
                await tx.noticed.keep(list(_merged(found, known, self._told)))
            await tx.noticed.forget(now - KEPT)
        self._saved = now.timestamp()


class Counted(NamedTuple):
    """How many events of a label began at a camera in a quarter of an hour (its first second)."""

    quarter: int
    camera: str
    label: str
    number: int


async def _counts(tx: Transaction, where: EventFilter) -> list[Counted]:
    """By time."""
    found: list[Counted] = []
    for camera in await tx.seen.count_by(where, "camera"):
        its = replace(where, cameras=(camera,))
        for label in await tx.seen.count_by(its, "label"):
            quarters = await tx.seen.quarters(replace(its, labels=(label,)))
            found += [Counted(each, camera, label, number) for each, number in quarters.items()]
    return sorted(found)


def _one_by_one_from(quarters: Mapping[int, int], at: float) -> float:
    """From when on the events are few enough to look at each; the quarter that goes on always."""
    left = ONE_BY_ONE
    for quarter in sorted(quarters, reverse=True):
        left -= quarters[quarter]
        if left < 0:
            return min(quarter + QUARTER, at - at % QUARTER)
    return NEVER


def _learnt(replay: Replay, counts: Sequence[Counted], until: float) -> dict[str, Insight]:
    found: dict[str, Insight] = {}
    for each in counts:
        middle = each.quarter + QUARTER / 2
        told = replay.until(middle)
        told += replay.watch.counted(each.camera, each.label, middle, each.number)
        found |= {one.id: one for one in told}
    return found | {each.id: each for each in replay.until(until)}


def _merged(found: Sequence[Insight], known: Sequence[Insight], told: float) -> Iterator[Insight]:
    """What is to be kept: an insight that is kept already keeps its id, and when it was told, and
    stays as it was where it was over; what was not told before `told`, when it was time, is not
    told afterwards."""
    ids = {each.id: each for each in known}
    for each in found:
        one = ids.get(each.id) or next((one for one in known if _alike(one, each)), None)
        if one is None and each.detected_at > told:
            yield each
        elif one is not None and (one.ongoing or each.end > told):
            start = min(one.start, each.start)
            yield replace(each, id=one.id, start=start, detected_at=one.detected_at)


def _alike(one: Insight, other: Insight) -> bool:
    """Whether both are about the same, at one time."""
    return (
        (one.type, one.camera_id, one.label, one.zone)
        == (other.type, other.camera_id, other.label, other.zone)
        and one.start <= other.end + REST
        and one.end >= other.start - REST
    )


def _within(start: float, end: float) -> EventFilter:
    since, until = (datetime.fromtimestamp(at, UTC) for at in (start, end))
    return EventFilter(windows=(Window(since, until),))


def site_of(described: Sequence[Camera], calendar: Calendar, timezone: str) -> Site:
    """What the watch is told beforehand; what a camera merely saw is no declaration."""
    return Site(
        timezone=calendar.timezone or timezone,
        declared={each.id: frozenset(each.labels) for each in described if each.labels},
        days_off=calendar.off,
        odd_days=calendar.odd,
    )


def sighting_of(event: Event) -> Sighting:
    """An event as insights see it."""
    return Sighting(
        event.id,
        event.camera,
        event.label,
        event.start.timestamp(),
        event.seconds,
        event.zones[0] if event.zones else "",
        event.confidence,
    )


def _look(replay: Replay, events: Sequence[Event], until: float) -> dict[str, Insight]:
    found: dict[str, Insight] = {}
    for event in events:
        found |= {each.id: each for each in replay.take(sighting_of(event))}
    return found | {each.id: each for each in replay.until(until)}
