"""Local days and half-hours: where in the week of a site a moment lies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from promptuary.domain.insights import Site

HALF_HOURS = 48
HALF_HOUR = 1800.0
KEPT = 4_000
"""Quarters of an hour whose offset is kept: about six weeks."""
_EPOCH = date(1970, 1, 1).toordinal()

DayKind: TypeAlias = Literal["work", "rest"]


class When(NamedTuple):
    """A local day (proleptic ordinal) and seconds since its midnight by the clock on the wall."""

    day: int
    second: float

    @property
    def slot(self) -> int:
        """The half-hour of the day, 0 to 47."""
        return int(self.second // HALF_HOUR)


class Days:
    """The calendar of a site. Offsets are looked up once for each quarter of an hour."""

    def __init__(self, site: Site) -> None:
        self._zone = ZoneInfo(site.timezone)
        self._off = frozenset(day.toordinal() for day in site.days_off)
        self._odd = frozenset(day.toordinal() for day in site.odd_days)
        self._offsets: dict[int, float] = {}

    def when(self, at: float) -> When:
        """The local day and time of a moment in UTC seconds."""
        quarter = int(at // 900)
        offset = self._offsets.get(quarter)
        if offset is None:
            if len(self._offsets) >= KEPT:
                self._offsets.clear()
            moment = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone)
            away = moment.utcoffset()
            offset = away.total_seconds() if away else 0.0
            self._offsets[quarter] = offset
        day, second = divmod(at + offset, 86_400)
        return When(_EPOCH + int(day), second)

    def kind(self, day: int) -> DayKind:
        """Weekends and days off are days of rest."""
        return "rest" if day in self._off or weekday(day) >= 5 else "work"

    def teaches(self, day: int) -> bool:
        """Whether something may be learnt from it."""
        return day not in self._odd


def weekday(day: int) -> int:
    """Monday is 0."""
    return (day + 6) % 7
