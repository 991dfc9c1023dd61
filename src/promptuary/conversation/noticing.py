"""The path: events of the record, watched in order as far as they go; insights out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
from anyio import to_thread

from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.insights.telling import told
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.conversation.planning.windows import zone_of
from promptuary.domain.events import Camera, Event, EventFilter, Window
from promptuary.domain.insights import EVERYWHERE, Insight, Notice, Severity, Sighting, Site
from promptuary.ports.unit_of_work import UnitOfWork

LEARNT_FROM = timedelta(days=42)
AT_ONCE = timedelta(hours=6)
LATE = timedelta(minutes=1)
"""The watch stays so far behind the clock: events come a little after they began."""
MOST = 1_000_000
BEFORE = datetime.min.replace(tzinfo=UTC)
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


@dataclass(slots=True)  # changes: it goes on with every look
class Noticing:
    """The watch over the events of one record. It begins with the last six weeks and then goes on
    from where it was; it can be thrown away, the events are the truth."""

    record: UnitOfWork
    timezone: str
    calendar: Calendar
    _replay: Replay | None = None
    _upto: datetime = BEFORE
    _found: dict[str, Insight] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def notices(
        self,
        since: datetime,
        now: datetime,
        *,
        severity: Severity = "low",
        cameras: Sequence[str] | None = None,
    ) -> list[Notice]:
        """What was unusual between then and now, the latest first: of these cameras (None: of all,
        and of the site), at least that severe."""
        async with self._turn:
            await self._watch(now - LATE)
        zone = zone_of(self.calendar.timezone or self.timezone)
        least = SEVERITIES.index(severity)
        return [
            told(each, self._names, zone)
            for each in sorted(self._found.values(), key=lambda one: one.detected_at, reverse=True)
            if since.timestamp() <= each.detected_at <= now.timestamp()
            and SEVERITIES.index(each.severity) >= least
            and (cameras is None or each.camera_id in cameras)
        ]

    async def _watch(self, now: datetime) -> None:
        """Go on to that moment; from the beginning where the site or the calendar is another."""
        async with self.record.read() as tx:
            known, described = await tx.seen.site(), await tx.seen.described()
        site = site_of(described, self.calendar, self.timezone)
        if self._replay is None or self._replay.watch.site != site or now < self._upto:
            first = known.first or now
            self._replay, self._found = Replay(Watch(site)), {}
            self._upto = max(first, now - LEARNT_FROM)
        self._names = {each.id: each.title for each in known.cameras}
        self._names[EVERYWHERE] = "the site"
        replay = self._replay
        await self._learn_ends(replay)
        while self._upto < now:
            until = min(now, self._upto + AT_ONCE)
            window = EventFilter(windows=(Window(self._upto, until),))
            async with self.record.read() as tx:
                events = await tx.seen.find(window, limit=MOST)
            look = partial(_look, replay, events, until.timestamp())
            self._found |= await to_thread.run_sync(look)
            self._upto = until
        oldest = (now - LEARNT_FROM).timestamp()
        self._found = {key: each for key, each in self._found.items() if each.detected_at >= oldest}

    async def _learn_ends(self, replay: Replay) -> None:
        """Events that went on at the last look and have ended since: else they seem to stay."""
        async with self.record.read() as tx:
            known = await tx.seen.get(replay.unended)
        for each in known:
            if each.end is not None:
                replay.ends(each.id, each.end.timestamp())


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
