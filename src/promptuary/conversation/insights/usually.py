"""How many events are usual in stretches of time that are over: by the days before each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from promptuary.conversation.insights.cameras import LEAST_DAYS, Camera, pieces
from promptuary.conversation.insights.day_factor import DayFactor
from promptuary.conversation.insights.days import HALF_HOUR
from promptuary.conversation.insights.foreseeing import interval
from promptuary.conversation.insights.watching import Watch


@dataclass(frozen=True, slots=True)
class Usually:
    """`expected` events; with a probability of at least `LEVEL` there are `low` to `high`. It was
    learnt from so many `days` of the kind, the first of them `since`."""

    expected: float
    low: int
    high: int
    days: int
    since: date


def usually(
    watch: Watch,
    cameras: Sequence[str],
    labels: Sequence[str],
    spans: Sequence[tuple[float, float]],
) -> Usually | None:
    """What is usual of these labels (none: all) at these cameras in these spans (UTC in seconds);
    None where one of the cameras is not known for two days of the kind."""
    found = [_Sum(watch, each, labels) for each in watch.cameras if each.name in cameras]
    if {each.camera.name for each in found} != set(cameras) or not spans:
        return None
    for each in found:
        for start, end in spans:
            each.add(start, end)
    if any(each.days < LEAST_DAYS for each in found):
        return None
    means = [mean for each in found for mean in each.means]
    sizes = [size for each in found for size in each.sizes]
    if not means:
        return Usually(0.0, 0, 0, min(each.days for each in found), _since(found))
    expected, low, high = interval(
        means, sizes, max(found, key=lambda each: sum(each.means)).factor
    )
    return Usually(expected, low, high, min(each.days for each in found), _since(found))


class _Sum:
    """What is usual at one camera, half-hour by half-hour."""

    def __init__(self, watch: Watch, camera: Camera, labels: Sequence[str]) -> None:
        self.camera = camera
        self.means: list[float] = []
        self.sizes: list[float] = []
        self.factor = DayFactor()
        self.days = _MANY
        self._watch = watch
        self._labels = [
            each for name, each in camera.labels.items() if not labels or name in labels
        ]

    def add(self, start: float, end: float) -> None:
        """A span, each day of it by the days before."""
        days, at = self._watch.days, start
        while at < end:
            day = days.when(at).day
            last = at
            parts: list[tuple[int, float]] = []
            for slot, seconds in pieces(days, at, end):
                if days.when(last).day != day:
                    break
                parts.append((slot, seconds))
                last += seconds
            self._add(day, parts)
            at = last

    def _add(self, day: int, parts: Sequence[tuple[int, float]]) -> None:
        taught = [d for d in self.camera.watched.rows if d < day]
        kind = self._watch.days.kind(day)
        self.days = min(self.days, sum(self._watch.days.kind(each) == kind for each in taught))
        for label in self._labels:
            known = self.camera.usual(label, self._watch.days, day)
            for slot, seconds in parts:
                self.means.append(float(known.rate[slot]) * seconds / HALF_HOUR)
                self.sizes.append(label.size(float(known.shape[slot])))
            site, own = self._watch.steadiness.shape, self.camera.steadiness.shape
            self.factor = DayFactor.of(known.events, known.alike, site=site, camera=own)


_MANY = 10_000


def _since(found: Sequence[_Sum]) -> date:
    """The latest of the first days: since then all are known, as they are by now."""
    first = (max(min(e.camera.watched.rows, default=0), e.camera.habits.since) for e in found)
    return date.fromordinal(max(first))
