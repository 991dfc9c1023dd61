"""How many events the next hours will bring, as far as what is usual and today's factor tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from promptuary.conversation.insights.alarms import About
from promptuary.conversation.insights.cameras import LEAST_DAYS, Camera, Label, pieces
from promptuary.conversation.insights.day_factor import GRID, DayFactor
from promptuary.conversation.insights.days import HALF_HOUR
from promptuary.conversation.insights.silences import SYSTEM
from promptuary.conversation.insights.watching import Watch

HOUR = 3600.0
LEVEL = 0.9
MOST = 20_000
"""So many events in an hour are foreseen at most."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`expected` events of a label at a camera in a stretch of time (UTC in seconds); with a
    probability of at least `LEVEL` there are `low` to `high`."""

    camera_id: str
    label: str
    start: float
    end: float
    expected: float
    low: int
    high: int


def foreseen(watch: Watch, now: float, hours: int) -> Iterator[Foreseen]:
    """The next whole hours by the clock of the site, of every camera and label that is known well
    enough; of a camera that is silent, alone or with all others, nothing is foreseen."""
    if SYSTEM in watch.alarms.on:
        return
    start = now + HOUR - watch.days.when(now).second % HOUR
    for camera in watch.cameras:
        if About("silence", camera.name) not in watch.alarms.on:
            for name, label in sorted(camera.labels.items()):
                for number in range(hours):
                    begin = start + number * HOUR
                    found = _hour(watch, camera, label, begin)
                    if found:
                        yield Foreseen(camera.name, name, begin, begin + HOUR, *found)


def _hour(
    watch: Watch, camera: Camera, label: Label, start: float
) -> tuple[float, int, int] | None:
    """Expected, low and high of an hour, all of it on one day of the site."""
    day = watch.days.when(start).day
    known = label.usual
    if known is None or day != camera.day:
        known = camera.usual(label, watch.days, day)
    if known.days < LEAST_DAYS:
        return None
    site, own = watch.steadiness.shape, camera.steadiness.shape
    tomorrow = DayFactor.of(known.events, known.alike, site=site, camera=own)
    factor = camera.factor if day == camera.day else tomorrow
    parts = list(pieces(watch.days, start, start + HOUR))
    means = [float(known.rate[slot]) * seconds / HALF_HOUR for slot, seconds in parts]
    sizes = [label.size(float(known.shape[slot])) for slot, _ in parts]
    return interval(means, sizes, factor)


def interval(
    means: Sequence[float], sizes: Sequence[float], factor: DayFactor
) -> tuple[float, int, int]:
    """Expected, low and high of all half-hours together. They vary on their own, so together by
    less: their variances add up."""
    mean = max(sum(means), 1e-9)
    size = mean**2 / sum(m**2 / s for m, s in zip(means, sizes, strict=True))
    most = int(min(MOST, 50 + 5 * mean * factor.mean))
    counts = np.arange(most)
    rises = np.concatenate([[0.0], np.cumsum(np.log((counts + size) / (counts + 1)))])
    each = (GRID * mean)[:, None]
    shares = np.arange(most + 1) * np.log(each / (each + size)) - size * np.log1p(each / size)
    below = np.cumsum(factor.weights @ np.exp(rises + shares))
    tail = (1 - LEVEL) / 2
    low = int(np.searchsorted(below, tail, side="right"))
    high = min(most, int(np.searchsorted(below, 1 - tail)))
    return mean * factor.mean, low, high
