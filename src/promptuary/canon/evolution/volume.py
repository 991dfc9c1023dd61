"""How much traffic there was up to a moment, if each template's prompts came evenly."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from promptuary.canon.evolution.strands import Line


class Volume:
    """Prompts of all lines over time: a line through the changes of its slope, with steps where a
    line knows but one moment. Takes n log n to make and log n to ask, for n lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        turns: list[tuple[float, float, float]] = []  # when, the slope's change, a step
        for line in lines:
            first, last = line.first.timestamp(), line.last.timestamp()
            if last > first:
                slope = line.size / (last - first)
                turns += [(first, slope, 0.0), (last, -slope, 0.0)]
            else:
                turns.append((first, 0.0, float(line.size)))
        self._times: list[float] = []
        self._after: list[tuple[float, float]] = []  # what had come, and the slope from then on
        came = slope = 0.0
        for when, change, step in sorted(turns):
            came += slope * (when - self._times[-1]) if self._times else 0.0
            came, slope = came + step, slope + change
            self._times.append(when)
            self._after.append((came, slope))

    def between(self, start: datetime, end: datetime) -> float:
        """About how many prompts came after `start`, up to `end`."""
        return max(0.0, self._until(end.timestamp()) - self._until(start.timestamp()))

    def _until(self, when: float) -> float:
        place = bisect_right(self._times, when) - 1
        if place < 0:
            return 0.0
        came, slope = self._after[place]
        return came + slope * (when - self._times[place])
