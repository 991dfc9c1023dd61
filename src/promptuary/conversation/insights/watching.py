"""The path: one pass over events as they come, a look around every five minutes, insights out.

Nothing looks ahead: what is said at a moment follows from what had come by then.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from promptuary.conversation.insights import bursts, labels, silences
from promptuary.conversation.insights.alarms import About, Alarms, Finding
from promptuary.conversation.insights.cameras import Camera, Quiet, left_out, settled
from promptuary.conversation.insights.day_factor import DayFactor, heard
from promptuary.conversation.insights.days import HALF_HOUR, Days, When
from promptuary.conversation.insights.loitering import Durations, Stay, staying
from promptuary.conversation.insights.pulses import HEARTBEATS, Pulses
from promptuary.conversation.insights.quality import Quality
from promptuary.conversation.insights.sensitivity import Sensitivity
from promptuary.conversation.insights.steadiness import SITE, Steadiness, learn_day
from promptuary.domain.insights import EVERYWHERE, Insight, Sighting, Site

TICK = 300.0
TEACHING = frozenset({*bursts.ALARM, "silence"})
"""Alarms that, raised day after day, show that the habits of a camera have changed."""
LULL = 1800.0
"""Seconds without an update, after which an alarm about events is over."""
NEW_FOR = 7200.0
STAYS_FOR = 3600.0
LEAST_SITE = 2
"""Cameras of a site, all of which send no heartbeat: then it is the site that is silent."""
LONGEST_EVENT = 86_400.0
"""An event that has not ended after a day never will: its end was lost."""


@dataclass(slots=True)  # changes: it is the memory of the pass
class Watch:
    """A site that is watched. Feed `see` and `ended` in order of arrival; both tick by themselves.

    Memory grows with cameras, labels and the days that are kept, not with events.
    """

    site: Site
    days: Days = field(init=False)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    pulses: Pulses = field(default_factory=Pulses)
    steadiness: Steadiness = field(default_factory=lambda: Steadiness(SITE))
    alarms: Alarms = field(default_factory=Alarms)
    _cameras: dict[str, Camera] = field(default_factory=dict)
    _known: dict[str, labels.Known] = field(default_factory=dict)
    _durations: dict[str, Durations] = field(default_factory=dict)
    _stays: dict[About, Stay] = field(default_factory=dict)
    _quality: dict[str, Quality] = field(default_factory=dict)
    _open: dict[str, Sighting] = field(default_factory=dict)
    _now: float | None = None

    def __post_init__(self) -> None:
        self.days = Days(self.site)

    def until(self, now: float) -> list[Insight]:
        """Let time go by: what is found at each tick up to then."""
        found: list[Insight] = []
        if self._now is None:
            self._now = now - now % TICK
        while self._now + TICK <= now:
            self._now += TICK
            found += self._tick(self._now)
        return found

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Those that have seen something."""
        return tuple(self._cameras.values())

    @property
    def going_on(self) -> tuple[str, ...]:
        """The events that have begun and not ended."""
        return tuple(self._open)

    def see(self, sighting: Sighting) -> list[Insight]:
        """An event has begun; one that comes late only teaches. Finds, updates included."""
        found = self.until(sighting.at)
        camera = self._camera(sighting)
        when = self.days.when(sighting.at)
        label = camera.label(sighting.label, self.days)
        label.counts.add(when.day, when.slot)
        if self._now is not None and sighting.at < self._now - TICK:
            return found
        found += self._speaks_again(camera, sighting.at)
        label.take(sighting, sighting.at)
        found += self._new_label(camera, sighting)
        if About("new_label", camera.name, sighting.label) not in self.alarms.on:
            on = set(self.alarms.on)
            more = bursts.more_than_usual(
                camera, sighting.label, label, self.days, sighting.at, on=on, of=self.sensitivity
            )
            found += self._raise(*more) if more else []
        found += self._worse(sighting)
        self._open[sighting.event_id] = sighting
        return found

    def counted(self, camera_id: str, label_name: str, at: float, count: int) -> list[Insight]:
        """So many events of a label came about then, and no more is known of them: they teach what
        is usual and end silences, but nothing is found among them."""
        sighting = Sighting("", camera_id, label_name, at)
        found = self.until(at)
        camera = self._camera(sighting)
        when = self.days.when(at)
        label = camera.label(label_name, self.days)
        label.counts.add(when.day, when.slot, count)
        label.total += count
        self._labels(camera_id).seen[label_name] += count
        return found + self._speaks_again(camera, at)

    def ended(self, event_id: str, at: float) -> list[Insight]:
        """An event has ended: now its duration is known."""
        found = self.until(at)
        sighting = self._open.pop(event_id, None)
        if sighting is None:
            return found
        known = self._durations.setdefault(sighting.label, Durations())
        seconds = at - sighting.at
        deviation = known.deviation(seconds)
        if deviation is not None:
            about = About("loitering", sighting.camera_id, sighting.label, sighting.zone)
            stay = self._stays.setdefault(about, Stay())
            nats = self.sensitivity.nats("loitering", sighting.camera_id, at)
            if stay.ended(replace(sighting, seconds=seconds), deviation, at, nats=nats):
                found += self._raise(about, stay.finding(known, at))
        if deviation is None or deviation < 3:
            known.add(seconds)
        return found

    def _camera(self, sighting: Sighting) -> Camera:
        """The camera of an event; one that was not seen before begins with it."""
        name = sighting.camera_id
        if name not in self._cameras:
            when = self.days.when(sighting.at)
            own, common = (Quiet(sighting.at, DayFactor()) for _ in range(2))
            camera = Camera(name, when.day, own, common)
            camera.begin_day(self.days, when.day, site=self.steadiness.shape)
            camera.begin_half_hour(when.slot)
            self._cameras[name] = camera
        return self._cameras[name]

    def _speaks_again(self, camera: Camera, at: float) -> list[Insight]:
        """What an event ends: the silence of its camera and of the site. What the silence seemed to
        say of the day is forgotten, or all that follows would seem a burst."""
        found: list[Insight] = []
        since, until = camera.own.start, camera.own.ends(at)
        silence = self.alarms.over(About("silence", camera.name), until)
        if silence:
            found.append(silence)
            camera.factor = camera.own.factor
            if settled(camera.labels.values()):
                camera.watched.left_out |= left_out(self.days, since, at)
        last = max((each.common.ends(at) for each in self._cameras.values()), default=at)
        whole = self.alarms.over(silences.SYSTEM, last)
        if whole:
            found.append(whole)
        for each in self._cameras.values():
            if whole:
                each.factor = each.common.factor
            each.common.begin(at, each.factor)
            if whole:
                each.own.begin(at, each.factor)
            if whole and settled(each.labels.values()):
                each.watched.left_out |= left_out(self.days, whole.start, at)
        camera.own.begin(at, camera.factor)
        return found

    def _new_label(self, camera: Camera, sighting: Sighting) -> list[Insight]:
        """An event whose label its camera does not know, or did not until a moment ago."""
        known = self._labels(camera.name)
        about = About("new_label", camera.name, sighting.label)
        nats = self.sensitivity.nats("new_label", camera.name, sighting.at)
        finding = known.take(sighting, going=about in self.alarms.on, nats=nats)
        return self._raise(about, finding) if finding else []

    def _labels(self, camera: str) -> labels.Known:
        """Those that the camera is declared to see, or has seen."""
        return self._known.setdefault(camera, labels.Known(self.site.declared.get(camera)))

    def _worse(self, sighting: Sighting) -> list[Insight]:
        """An event that its camera saw worse than usual."""
        name = sighting.camera_id
        quality = self._quality.setdefault(name, Quality())
        nats = self.sensitivity.nats("quality_drop", name, sighting.at)
        if not quality.take(sighting, nats=nats):
            return []
        return self._raise(About("quality_drop", name), quality.finding(sighting.at))

    def _raise(self, about: About, finding: Finding) -> list[Insight]:
        """Raise or update, and learn nothing from what is not usual."""
        begins = about not in self.alarms.on
        insight = self.alarms.found(about, finding)
        if insight is None:
            return []
        if begins and about.type in TEACHING:
            self._cameras[about.camera_id].told(about.type, self.days.when(finding.now).day)
        if about.type in bursts.ALARM:
            label = self._cameras[about.camera_id].labels[about.label]
            if settled([label]):
                label.counts.left_out |= left_out(self.days, insight.start, insight.end)
        return [insight]

    def _tick(self, now: float) -> list[Insight]:
        """Time that went by: exposure, the half-hour's end, a new day, silences, what is over."""
        before = self.days.when(now - TICK)
        when = self.days.when(now)
        cameras = self._cameras.values()
        for camera in cameras:
            camera.watched.add(before.day, before.slot, TICK / HALF_HOUR)
            camera.goes_on(now, TICK)
        if when.slot != before.slot:
            self._half_hour(before, when)
        return [*self._silences(now), *self._staying(now), *self._endings(now)]

    def _half_hour(self, before: When, when: When) -> None:
        """What it taught; and what is usual in the next one, perhaps of another day."""
        cameras = self._cameras.values()
        for camera in cameras:
            camera.end_half_hour(before.day, before.slot)
        if when.day != before.day:
            learn_day(self.steadiness, [(each.steadiness, each.factor) for each in cameras])
        shape = self.steadiness.shape
        for camera in cameras:
            if when.day != camera.day:
                camera.begin_day(self.days, when.day, site=shape)
            camera.begin_half_hour(when.slot)
        priors = heard([camera.factor for camera in cameras], shape)
        for camera, prior in zip(cameras, priors, strict=True):
            camera.hear(prior)

    def _silences(self, now: float) -> list[Insight]:
        cameras = self._cameras.values()
        nats = self.sensitivity.nats("system_silence", EVERYWHERE, now)
        whole = silences.system_silence(cameras, now, nats=nats)
        if whole:
            single = [About("silence", name) for name in self._cameras]
            going = [self.alarms.on.pop(each) for each in single if each in self.alarms.on]
            told = self._raise(silences.SYSTEM, whole)
            return [*(replace(each, ongoing=False) for each in going), *told]
        missed = {each.name: self.pulses.missed(each.name, each.own.start, now) for each in cameras}
        gone = [each for each in missed.values() if each]
        if len(gone) >= LEAST_SITE and len(gone) == len(missed):
            return self._raise(silences.SYSTEM, max(gone, key=lambda each: each.start))
        found: list[Insight] = []
        for camera in cameras:
            pulse = missed[camera.name]
            if pulse:
                found += self._raise(About("silence", camera.name), pulse)
                continue
            nats = self.sensitivity.nats("silence", camera.name, now)
            silence = silences.camera_silence(camera, now, nats=nats)
            if silence:
                found += self._raise(About("silence", camera.name), silence)
        return found

    def _missed(self, about: About, now: float) -> bool:
        """Whether the heartbeats of a camera, or of all of them, still stay away."""
        some = (
            [self._cameras[about.camera_id]] if about.camera_id in self._cameras else self.cameras
        )
        return all(self.pulses.missed(each.name, each.own.start, now) for each in some)

    def _staying(self, now: float) -> list[Insight]:
        """Events that go on and on."""
        found: list[Insight] = []
        for event_id, each in list(self._open.items()):
            if now - each.at > LONGEST_EVENT:
                del self._open[event_id]
                continue
            nats = self.sensitivity.nats("loitering", each.camera_id, now)
            long = staying(each, self._durations.get(each.label, Durations()), now, nats=nats)
            if long:
                about = About("loitering", each.camera_id, each.label, each.zone)
                found += self._raise(about, long)
        return found

    def _endings(self, now: float) -> list[Insight]:
        """Alarms that are over because nothing more came of them."""
        found: list[Insight] = []
        for about in list(self.alarms.on):
            if about.type == "silence" and now - self.alarms.on[about].start > silences.GONE:
                ends = self._cameras.pop(about.camera_id, None) is not None
            elif self.alarms.on[about].measured == HEARTBEATS:
                ends = not self._missed(about, now)
            elif about.type == "quality_drop":
                lasted = now - self.alarms.on[about].start
                ends = self._quality[about.camera_id].over(lasted)
            elif about.type in bursts.ALARM:
                ends = self.alarms.quiet_since(about, now, LULL)
            elif about.type == "new_label":
                ends = self.alarms.quiet_since(about, now, NEW_FOR)
            else:
                ends = about.type == "loitering" and self.alarms.quiet_since(about, now, STAYS_FOR)
            insight = self.alarms.over(about) if ends else None
            if insight and about.type == "loitering":
                self._stays.get(about, Stay()).clear()
            found += [insight] if insight else []
        return found


@dataclass(slots=True)  # changes: events come in
class Replay:
    """Recorded events given to a watch as if they came now: an event's duration is not known
    before it ends."""

    watch: Watch
    _ends: list[tuple[float, str]] = field(default_factory=list)

    def take(self, sighting: Sighting) -> list[Insight]:
        """The next event by time."""
        found = self._ended(sighting.at)
        found += self.watch.see(replace(sighting, seconds=None))
        if sighting.seconds is not None:
            heapq.heappush(self._ends, (sighting.at + sighting.seconds, sighting.event_id))
        return found

    @property
    def unended(self) -> list[str]:
        """The events whose end was not known when they came."""
        due = {event_id for _, event_id in self._ends}
        return [each for each in self.watch.going_on if each not in due]

    def ends(self, event_id: str, at: float) -> None:
        """Now the end of such an event is known."""
        heapq.heappush(self._ends, (at, event_id))

    def until(self, now: float) -> list[Insight]:
        """Nothing more came until then."""
        return self._ended(now) + self.watch.until(now)

    def _ended(self, now: float) -> list[Insight]:
        found: list[Insight] = []
        while self._ends and self._ends[0][0] <= now:
            at, event_id = heapq.heappop(self._ends)
            found += self.watch.ended(event_id, at)
        return found


def noticed(sightings: Iterable[Sighting], site: Site) -> Iterator[Insight]:
    """Every insight and update of a recorded stream, as if it came now; `sightings` by time.

    Yields in the order of finding; the last one of an id is how it ended.
    """
    replay = Replay(Watch(site))
    end = 0.0
    for sighting in sightings:
        yield from replay.take(sighting)
        end = max(end, sighting.at + (sighting.seconds or 0.0))
    yield from replay.until(end)
