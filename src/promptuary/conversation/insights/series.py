"""Unusual points of a single series of counts or readings, such as a sensor's, seen one by one."""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

RESIDUAL, RESIDUAL_ALARM = 0.97, 3.25
RAW, RAW_ALARM = 0.99, 1.75
"""A quantile of the past, and how many times its distance from the median is unusual."""
SAME, ALIKE = 4, 5
"""Values that a half-hour of a weekday, an hour of a kind of day must have had to be compared."""
RECENT = 300
WARM = 50
TINY = 1e-9


@dataclass(slots=True)  # changes: values come in
class Past:
    """Past values in order of size; how far one lies out, in units of their own spread."""

    quantile: float
    both_ways: bool = False
    _sorted: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """One more."""
        insort(self._sorted, value)

    def outlying(self, value: float) -> float:
        """Distance from the median by that of the quantile (of both, the larger); 0 while little is
        known."""
        if len(self._sorted) < WARM:
            return 0.0
        middle = self._at(0.5)
        above = (value - middle) / max(self._at(self.quantile) - middle, TINY)
        below = (middle - value) / max(middle - self._at(1 - self.quantile), TINY)
        return max(above, below) if self.both_ways else above

    def _at(self, quantile: float) -> float:
        return self._sorted[min(len(self._sorted) - 1, int(quantile * len(self._sorted)))]


@dataclass(slots=True)  # changes: values come in
class Course:
    """What is usual at a time of the week: the median of the same half-hour and weekday, else of
    the same hour and kind of day, else of the last values."""

    _same: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    _alike: dict[tuple[bool, int], list[float]] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def usual(self, at: datetime, value: float) -> float:
        """By what came before this value, which is then remembered; itself if nothing did."""
        same = self._same.setdefault((at.weekday(), 2 * at.hour + at.minute // 30), [])
        alike = self._alike.setdefault((at.weekday() >= 5, at.hour), [])
        if len(same) >= SAME:
            found = median(same)
        elif len(alike) >= ALIKE:
            found = median(alike)
        else:
            found = median(self._recent) if self._recent else value
        for values in (same, alike, self._recent):
            values.append(value)
        return found


def scores(points: Iterable[tuple[datetime, float]]) -> Iterator[float]:
    """How unusual each point is, by those before it alone; 1 and more is an alarm.

    Two views: what the time of the week does not explain, on a logarithmic scale, and the value
    itself. Times are local, in order; raises nothing for gaps or odd values, NaN scores 0.
    """
    course, residuals, values = Course(), Past(RESIDUAL, both_ways=True), Past(RAW)
    for at, value in points:
        if not math.isfinite(value):
            yield 0.0
            continue
        level = math.log1p(max(value, 0.0))
        away = level - course.usual(at, level)
        yield max(
            residuals.outlying(away) / RESIDUAL_ALARM, values.outlying(value) / RAW_ALARM, 0.0
        )
        residuals.add(away)
        values.add(value)
