"""Insights: what is unusual in a stream of sightings, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

InsightType: TypeAlias = Literal[
    "burst", "unusual_hour", "silence", "system_silence", "loitering", "new_label", "quality_drop"
]
Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
RANGES: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
"""How far one may look back, by the names that clients use."""
EVERYWHERE = "*"
"""The camera of an insight that is about all of them."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event as insights see it. `at` is UTC in seconds since 1970, `seconds` how long it lasted
    (None while that is not known), `confidence` the detector's, 0 to 1, None where it gave none."""

    event_id: str
    camera_id: str
    label: str
    at: float
    seconds: float | None = None
    zone: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a site beforehand, all of it optional.

    `declared` maps a camera to the labels it is meant to see; `days_off` are holidays by the site's
    calendar, `odd_days` those from which nothing is learnt (heavy rain, a works' outing).
    """

    timezone: str = "UTC"
    declared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    days_off: frozenset[date] = frozenset()
    odd_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Insight:
    """Something unusual. `id` stays while it goes on; an update has more evidence and a later end.

    `expected` and `observed` are in the unit that `measured` names; `p_value` is how likely as much
    would be if nothing were unusual. Times are UTC in seconds since 1970.
    """

    id: str
    type: InsightType
    camera_id: str
    label: str
    zone: str
    start: float
    end: float
    detected_at: float
    expected: float
    observed: float
    measured: str
    p_value: float
    severity: Severity
    evidence_ids: tuple[str, ...]
    ongoing: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an event is part of: of which kind it is, at which cameras (none: everywhere), from when
    to when."""

    type: InsightType
    cameras: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """An insight as it is told: `message` in one sentence, `check` what to look at.

    `expected` and `observed` are in the unit that `measured` names. Times carry a zone. What is
    `muted` comes only where it was asked for.
    """

    id: str
    type: InsightType
    severity: Severity
    camera_id: str
    label: str
    zone: str
    message: str
    check: str
    start: datetime
    end: datetime
    detected_at: datetime
    ongoing: bool
    expected: float
    observed: float
    measured: str
    p_value: float
    evidence_ids: tuple[str, ...]
    muted: bool = False

    @property
    def pattern(self) -> Pattern:
        """What its events are part of."""
        everywhere = self.camera_id == EVERYWHERE
        return Pattern(self.type, () if everywhere else (self.camera_id,), self.start, self.end)
