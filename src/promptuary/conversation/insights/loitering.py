"""Somebody stays: durations in a zone that are longer than a label's usually are."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median

from promptuary.conversation.insights.alarms import Finding
from promptuary.domain.insights import Sighting

ALLOWANCE = 1.0
ALARM = 6.0
CLIP = 4.0
VERY_LONG = 5.0
"""Standard deviations: one event of this length is enough."""
FORGET = 3600.0
"""Seconds without an event in the zone, after which its sum begins anew."""
KNOWN = 40
KEPT = 1000
NARROWEST = 0.15
TELLING = 1.0


@dataclass(slots=True)  # changes: events end
class Durations:
    """A log-normal for the durations of one label, by median and median deviation."""

    logs: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _fitted: tuple[float, float] | None = None
    _waiting: int = 0

    def add(self, seconds: float) -> None:
        """One more; the fit follows every few."""
        self.logs.append(math.log(max(seconds, 0.1)))
        self._waiting += 1
        if len(self.logs) >= KNOWN and (self._fitted is None or self._waiting >= KNOWN):
            middle = median(self.logs)
            spread = 1.4826 * median(abs(each - middle) for each in self.logs)
            self._fitted, self._waiting = (middle, max(spread, NARROWEST)), 0

    def deviation(self, seconds: float) -> float | None:
        """How many standard deviations above the median; None while too few are known."""
        if self._fitted is None:
            return None
        middle, spread = self._fitted
        return (math.log(max(seconds, 0.1)) - middle) / spread

    @property
    def usual(self) -> float:
        """Seconds; 0 while too few are known."""
        return math.exp(self._fitted[0]) if self._fitted else 0.0


@dataclass(slots=True)  # changes: events end
class Stay:
    """The cumulative sum (Page, 1954) of one camera, label and zone."""

    total: float = 0.0
    last: float = float("-inf")
    _events: list[tuple[Sighting, float]] = field(default_factory=list)

    def ended(self, sighting: Sighting, deviation: float, now: float, *, nats: float = 0.0) -> bool:
        """Take an event's duration in; whether the sum is over its threshold, which is `nats`
        higher than usual."""
        alarm = ALARM + nats
        if now - self.last > FORGET:
            self.clear()
        self.last = now
        step = max(-CLIP, min(CLIP, deviation)) - ALLOWANCE
        self.total = min(max(0.0, self.total + step), alarm + CLIP)
        if self.total == 0:
            self._events.clear()
        elif deviation > TELLING:
            self._events.append((sighting, deviation))
        return (self.total > alarm and deviation > TELLING) or deviation > _very_long(nats)

    def clear(self) -> None:
        """Begin anew."""
        self.total = 0.0
        self._events.clear()

    def finding(self, durations: Durations, now: float) -> Finding:
        """What to tell of the events that made the sum."""
        longest = max((each.seconds or 0.0 for each, _ in self._events), default=0.0)
        return Finding(
            start=self._events[0][0].at if self._events else now,
            now=now,
            expected=durations.usual,
            observed=longest,
            measured="seconds in the zone",
            p_value=math.exp(-self.total),
            evidence_ids=tuple(each.event_id for each, _ in self._events),
        )


def staying(
    sighting: Sighting, durations: Durations, now: float, *, nats: float = 0.0
) -> Finding | None:
    """An event that has not ended and is very long already."""
    so_far = now - sighting.at
    deviation = durations.deviation(so_far)
    if deviation is None or deviation <= _very_long(nats):
        return None
    return Finding(
        start=sighting.at,
        now=now,
        expected=durations.usual,
        observed=so_far,
        measured="seconds in the zone",
        p_value=math.erfc(deviation / math.sqrt(2)) / 2,
        evidence_ids=(sighting.event_id,),
    )


def _very_long(nats: float) -> float:
    """Standard deviations whose tail is so much less likely than usual."""
    return math.sqrt(max(1.0, VERY_LONG**2 + 2 * nats))
