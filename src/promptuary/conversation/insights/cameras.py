"""What is remembered of each camera and of each label that it sees."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import itemgetter

import numpy as np

from promptuary.conversation.insights.baseline import Row, Tally, Usual, usual
from promptuary.conversation.insights.day_factor import SITE_SHAPE, DayFactor, log_none, size_of
from promptuary.conversation.insights.days import HALF_HOUR, Days
from promptuary.conversation.insights.habits import Habits
from promptuary.conversation.insights.restless import Restless
from promptuary.conversation.insights.steadiness import CAMERA, Steadiness
from promptuary.domain.insights import InsightType, Sighting

DUE, EARLY, SLACK = 1.0, 0.15, 1800.0
"""So many events to be expected make one due, and such a share of all are the first; a quiet is
told from this long before they are due."""
LONGEST_WINDOW = 3600.0
LEAST_DAYS = 2
"""Days of a kind, before something can be unusual on another."""
SILENT_DAYS = 3
"""The same for silences, which must know when a site opens and closes."""
SETTLED_DAYS = 5
"""Days of a kind, from which on what is unusual teaches nothing; before, it may well be usual."""


@dataclass(slots=True)  # changes: events come in
class Label:
    """One label at one camera: its counts, what is usual today, and its last hour."""

    counts: Tally = field(default_factory=Tally)
    usual: Usual | None = None
    recent: deque[Sighting] = field(default_factory=deque)
    total: int = 0
    restless: Restless = field(default_factory=Restless)

    def size(self, shape: float) -> float:
        """Size of the negative binomial of a half-hour whose rate is known as well as that."""
        return size_of(shape, self.restless.share)

    def take(self, sighting: Sighting, now: float) -> None:
        """Remember it for as long as the longest window."""
        self.total += 1
        self.recent.append(sighting)
        while self.recent and self.recent[0].at < now - LONGEST_WINDOW:
            self.recent.popleft()


@dataclass(slots=True)  # changes: time goes by
class Quiet:
    """A stretch without events since `start`, and what was to be expected in it.

    `factor` is what was thought of the day when it began: the quiet itself does not excuse itself.
    """

    start: float
    factor: DayFactor
    expected: float = 0.0
    _before: float = 0.0
    _course: list[tuple[float, float]] = field(default_factory=list)
    _pieces: list[tuple[Row, Row, float]] = field(default_factory=list)

    def begin(self, at: float, factor: DayFactor) -> None:
        """A new quiet."""
        self.start, self.factor, self.expected, self._before = at, factor, 0.0, 0.0
        self._pieces.clear()
        self._course.clear()

    def begin_day(self, factor: DayFactor) -> None:
        """It goes on into another day, which may be busier or not."""
        self._before, self.factor = self.log_chance, factor
        self._pieces.clear()

    @property
    def begins(self) -> float:
        """When it began to say something: not long before the first events were due. Nobody
        wonders about the night before."""
        first = max(DUE, EARLY * self.expected)
        place = bisect_left(self._course, first, key=itemgetter(1))
        due = self._course[place][0] if place < len(self._course) else self.start
        return max(self.start, due - SLACK)

    def ends(self, now: float) -> float:
        """When it had said all: not long after the last time since which an event was due."""
        place = bisect_right(self._course, self.expected - DUE, key=itemgetter(1))
        return min(now, (self._course[place - 1][0] if place else now) + SLACK)

    def goes_on(self, now: float, rates: Row, sizes: Row, seconds: float) -> None:
        """That much longer, in a half-hour in which the labels have these rates and sizes."""
        self.expected += self.factor.mean * float(rates.sum()) * seconds / HALF_HOUR
        if self.expected >= (self._course[-1][1] * 1.002 if self._course else 0.0) + DUE / 10:
            self._course.append((now, self.expected))
        if self._pieces and self._pieces[-1][0] is rates:
            seconds += self._pieces.pop()[2]
        self._pieces.append((rates, sizes, seconds))

    @property
    def log_chance(self) -> float:
        """The log of how likely it is that nothing came, over all that the day may be like."""
        if not self._pieces:
            return self._before
        means = np.concatenate([rates * seconds / HALF_HOUR for rates, _, seconds in self._pieces])
        sizes = np.concatenate([sizes for _, sizes, _ in self._pieces])
        return self._before + log_none(means, sizes, self.factor)


@dataclass(slots=True)  # changes: events come in, time goes by
class Camera:
    """One camera. Today it is as busy as `factor` thinks.

    `own` is its quiet since its last event, `common` since the last event of any camera.
    """

    name: str
    day: int
    own: Quiet
    common: Quiet
    labels: dict[str, Label] = field(default_factory=dict)
    watched: Tally = field(default_factory=Tally)
    habits: Habits = field(default_factory=Habits)
    steadiness: Steadiness = field(default_factory=lambda: Steadiness(CAMERA))
    factor: DayFactor = field(default_factory=DayFactor)
    _today: tuple[Row, Row] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))

    def begin_day(self, days: Days, day: int, *, site: float = SITE_SHAPE) -> None:
        """What is usual today; `site` is the shape of how much its days vary."""
        self.day = day
        for label in self.labels.values():
            label.usual = self.usual(label, days, day)
        known = [each.usual for each in self.labels.values() if each.usual]
        weekdays = max((each.alike for each in known), default=0)
        events, own = sum(each.events for each in known), self.steadiness.shape
        self.factor = DayFactor.of(events, weekdays, site=site, camera=own)
        self.own.begin_day(self.factor)
        self.common.begin_day(self.factor)

    def usual(self, label: Label, days: Days, day: int) -> Usual:
        """What is usual of a label on a day."""
        return usual(label.counts, self.watched, days, day, since=self.habits.since)

    def told(self, type: InsightType, day: int) -> None:
        """An alarm was raised: what is raised day after day is learnt after all."""
        if self.habits.told(type, day):
            for each in (self.watched, *(label.counts for label in self.labels.values())):
                each.left_out = {one for one in each.left_out if one[0] < self.habits.since}

    def label(self, name: str, days: Days) -> Label:
        """The label, new or known."""
        if name not in self.labels:
            label = self.labels[name] = Label()
            label.usual = self.usual(label, days, self.day)
        return self.labels[name]

    def end_half_hour(self, day: int, slot: int) -> None:
        """Learn from it how busy the day is."""
        if day != self.day or (day, slot) in self.watched.left_out:
            return
        share = min(1.0, float(self.watched.row(day)[slot]))
        for label in self.labels.values():
            if label.usual and label.usual.days and (day, slot) not in label.counts.left_out:
                rate, shape = float(label.usual.rate[slot]), float(label.usual.shape[slot])
                count, mean = int(label.counts.row(day)[slot]), rate * share
                label.restless.learn(count, mean * self.factor.mean, 1 / shape + self.factor.unsure)
                self.factor = self.factor.learnt(count, mean, label.size(shape))

    def hear(self, prior: Row) -> None:
        """What other cameras say of today; it may excuse a quiet of its own, not one of all."""
        self.factor = replace(self.factor, prior=prior)
        self.own.factor = replace(self.own.factor, prior=prior)

    def goes_on(self, now: float, seconds: float) -> None:
        """Time went by, all of it in one half-hour."""
        rates, sizes = self._today
        for quiet in (self.own, self.common):
            quiet.goes_on(now, rates, sizes, min(seconds, max(0.0, now - quiet.start)))

    def begin_half_hour(self, slot: int) -> None:
        """What is usual in it."""
        of = [(each, each.usual) for each in self.labels.values() if each.usual]
        known = [(label, usual) for label, usual in of if usual.days >= SILENT_DAYS]
        rates = np.array([usual.rate[slot] for _, usual in known])
        sizes = [label.size(float(usual.shape[slot])) for label, usual in known]
        self._today = rates, np.array(sizes)


def pieces(days: Days, start: float, end: float) -> Iterator[tuple[int, float]]:
    """The half-hours of the day that a stretch of time touches, and for how many seconds."""
    at = start
    while at < end:
        when = days.when(at)
        last = min(end, at + HALF_HOUR - when.second % HALF_HOUR)
        yield when.slot, last - at
        at = last


def settled(labels: Iterable[Label]) -> bool:
    """Whether so much is known of such days that what is unusual can be told from what is new."""
    return any(each.usual is not None and each.usual.days >= SETTLED_DAYS for each in labels)


def left_out(days: Days, start: float, end: float) -> set[tuple[int, int]]:
    """The half-hours, by day, that a stretch of time touches."""
    found, at = set(), start
    while at <= end:
        when = days.when(at)
        found.add((when.day, when.slot))
        at += HALF_HOUR - when.second % HALF_HOUR
    return found
