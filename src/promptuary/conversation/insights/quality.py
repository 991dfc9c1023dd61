"""A camera that sees worse: its detector's confidence falls and stays low."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from promptuary.conversation.insights.alarms import Finding
from promptuary.domain.insights import Sighting

DROP = 0.3
"""Share of its mean that a fall must have to be told."""
ALARM = 15.0
OVER = 7.5
LARGEST_STEP = 3.0
"""No single event says more than this, in nats."""
KNOWN = 30
REMEMBERED = 1_000
"""Events of a label that its usual confidence is made of: seasons change."""
SHOWN = 500
LASTING = 14 * 86_400.0
"""Seconds, after which what was worse has become usual: another detector, say."""
NARROWEST = 0.03


@dataclass(slots=True)  # changes: events come in
class Moments:
    """Mean and variance of one label's confidence (Welford, 1962), learnt while all is well; what
    is long past fades."""

    number: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """One more."""
        if self.number == REMEMBERED:
            self.squares *= 1 - 1 / self.number
        else:
            self.number += 1
        away = value - self.mean
        self.mean += away / self.number
        self.squares += away * (value - self.mean)

    @property
    def deviation(self) -> float:
        """Standard deviation, not below what a detector's noise has."""
        return max(NARROWEST, math.sqrt(self.squares / max(self.number - 1, 1)))


@dataclass(slots=True)  # changes: events come in
class Quality:
    """The cumulative sum of log likelihood ratios of a fall, for one camera over its labels."""

    total: float = 0.0
    began: float = 0.0
    on: bool = False
    _moments: dict[str, Moments] = field(default_factory=dict)
    _events: deque[Sighting] = field(default_factory=lambda: deque(maxlen=SHOWN))

    def take(self, sighting: Sighting, *, nats: float = 0.0) -> bool:
        """Take an event's confidence in; whether it makes the sum exceed its threshold, which is
        `nats` higher than usual."""
        alarm = ALARM + nats
        value = sighting.confidence
        if value is None:
            return False
        known = self._moments.setdefault(sighting.label, Moments())
        worse = False
        if known.number >= KNOWN:
            fall = DROP * known.mean
            step = fall / known.deviation**2 * (known.mean - fall / 2 - value)
            if self.total == 0:
                self.began = sighting.at
                self._events.clear()
            worse = step > 0
            bounded = max(-LARGEST_STEP, min(LARGEST_STEP, step))
            self.total = min(max(0.0, self.total + bounded), alarm + LARGEST_STEP)
            if self.total > 0:
                self._events.append(sighting)
        if self.total == 0 or known.number < KNOWN:
            known.add(value)
        self.on = self.on or self.total > alarm
        return worse and self.total > (alarm + LARGEST_STEP / 2 if self.on else alarm)

    def over(self, lasted: float) -> bool:
        """Whether it is about as good as before, or has been worse for so many seconds that this is
        the new usual; if so the sum begins anew."""
        if lasted > LASTING:
            self._moments.clear()
            self.total, self.on = 0.0, False
        if self.total < OVER:
            self.total, self.on = 0.0, False
        return self.total == 0

    def finding(self, now: float) -> Finding:
        """What to tell of it."""
        values = [each.confidence for each in self._events if each.confidence is not None]
        usual = [self._moments[each.label].mean for each in self._events]
        return Finding(
            start=self.began,
            now=now,
            expected=sum(usual) / len(usual),
            observed=sum(values) / len(values),
            measured="mean confidence",
            p_value=math.exp(-self.total),
            evidence_ids=tuple(each.event_id for each in list(self._events)[-50:]),
        )
