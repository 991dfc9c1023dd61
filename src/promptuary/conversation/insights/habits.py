"""What is told again and again is no oddity: a camera's habits have changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from promptuary.domain.insights import InsightType

REPEATED, WITHIN = 3, 7
"""On so many days within so many the same was told: since the first of them it is usual."""
FORMER = 0.02
"""What a day counts from before the habits changed."""


@dataclass(slots=True)  # changes: alarms are raised
class Habits:
    """Of one camera: `since` which day they are as they are, and when what was told lately."""

    since: int = 0
    _told: dict[InsightType, list[int]] = field(default_factory=dict)

    def told(self, type: InsightType, day: int) -> bool:
        """One more alarm on that day; whether it shows that the habits have changed."""
        days = {*self._told.get(type, ()), day}
        recent = sorted(each for each in days if day - WITHIN < each <= day)
        self._told[type] = recent
        if len(recent) < REPEATED:
            return False
        self.since = recent[0]
        self._told.clear()
        return True
