"""How many events are usual: a Gamma-Poisson rate for each half-hour of a kind of day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from promptuary.conversation.insights.days import HALF_HOURS, Days, weekday
from promptuary.conversation.insights.habits import FORMER

Row = NDArray[np.float64]

OTHER_WEEKDAY = 0.6
"""What a day of the same kind but another weekday counts."""
NEIGHBOURS = (0.2, 0.5, 1.0, 0.5, 0.2)
"""How much the half-hours around say of one."""
WIDTH = 4.0
"""Standard deviation, in half-hours, of the smooth rate that stands in where little was seen."""
AROUND = 3.0
"""So many events of its own outweigh what is around a half-hour."""
LEAST = 0.01
"""Events in a half-hour, where none was ever seen."""
KEPT_DAYS = 70
"""Older days are forgotten: seasons change."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Of one day: `rate` events are usual in each half-hour, known as well as a Gamma distribution
    of that `shape`; `days` were learnt from; `alike` of them were the same weekday, with `events`.
    `mean` is that of all half-hours of all kinds of days."""

    rate: Row
    shape: Row
    days: int
    alike: int = 0
    events: float = 0.0
    mean: float = 0.0


@dataclass(slots=True)  # changes: time goes by, events come in
class Tally:
    """A number for each half-hour of each day; half-hours that are `left_out` teach nothing."""

    rows: dict[int, Row] = field(default_factory=dict)
    left_out: set[tuple[int, int]] = field(default_factory=set)

    def add(self, day: int, slot: int, amount: float = 1.0) -> None:
        """That much more in that half-hour."""
        if day not in self.rows:
            self.rows[day] = np.zeros(HALF_HOURS)
            for old in [each for each in self.rows if each < day - KEPT_DAYS]:
                del self.rows[old]
            self.left_out = {each for each in self.left_out if each[0] >= day - KEPT_DAYS}
        self.rows[day][slot] += amount

    def row(self, day: int) -> Row:
        """Of one day."""
        found = self.rows.get(day)
        return np.zeros(HALF_HOURS) if found is None else found

    def taught(self, day: int) -> Row:
        """1 for the half-hours of a day that teach something, else 0."""
        row = np.ones(HALF_HOURS)
        row[[slot for each, slot in self.left_out if each == day]] = 0
        return row


def usual(counts: Tally, watched: Tally, days: Days, day: int, *, since: int = 0) -> Usual:
    """What is usual on that day, by the days before it; `watched` are shares of half-hours. Days
    before `since`, when its habits changed, count next to nothing.

    Days of its kind count, those of the same weekday more; without any, nothing is known.
    Conjugate Gamma-Poisson (Gelman et al., Bayesian Data Analysis, 2.6), the prior being what the
    half-hours around say: it gives way to what the half-hour itself shows in the course of days, so
    that the edge of opening hours becomes sharp.
    """
    past = [each for each in watched.rows if each < day and days.teaches(each)]
    alike = [each for each in past if days.kind(each) == days.kind(day)]
    if not alike:
        return Usual(np.zeros(HALF_HOURS), np.ones(HALF_HOURS), 0)
    same = np.array([weekday(each) == weekday(day) for each in alike])
    now = np.where(np.array(alike) < since, FORMER, 1.0)
    weights = np.where(same, 1.0, OTHER_WEEKDAY) * now
    taught = np.stack([counts.taught(each) * watched.taught(each) for each in alike])
    seen = np.stack([counts.row(each) for each in alike]) * taught
    times = np.stack([watched.row(each) for each in alike]) * taught
    number, time = weights @ seen, weights @ times
    smooth = _blurred(number) / np.maximum(_blurred(time), 1e-9)
    around = (_gathered(number) + smooth) / (_gathered(time) + 1)
    around = np.maximum(around, LEAST)
    shape = number + AROUND
    rate = shape / (time + AROUND / around)
    expected = float(now[same] @ (times[same] * rate).sum(axis=1))
    events = float(now[same] @ seen[same].sum(axis=1))
    level = (events + 2) / (expected + 2)
    total = sum(float(counts.row(each).sum()) for each in past)
    time_in_all = sum(float(watched.row(each).sum()) for each in past)
    mean = total / max(time_in_all, 1.0)
    return Usual(rate * level, shape, len(alike), round(float(now[same].sum())), events, mean)


def _gathered(row: Row) -> Row:
    """Each half-hour with a part of its neighbours, around midnight too."""
    reach = len(NEIGHBOURS) // 2
    parts = [np.roll(row, reach - i) * weight for i, weight in enumerate(NEIGHBOURS)]
    return np.asarray(sum(parts))


def _gaussian(width: float) -> Sequence[Row]:
    away = np.arange(HALF_HOURS)
    nearest = np.minimum(away, HALF_HOURS - away)
    kernel = np.exp(-0.5 * (nearest / width) ** 2)
    return [np.roll(kernel, shift) / kernel.sum() for shift in range(HALF_HOURS)]


_BLUR = np.stack(_gaussian(WIDTH))


def _blurred(row: Row) -> Row:
    return np.asarray(_BLUR @ row)
