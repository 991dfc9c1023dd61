"""From wall times of whoever asks to stretches of absolute time, across changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from promptuary.domain.conversations import TimeRange
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Window

LONGEST = 400
"""Days whose hours are looked at one by one; longer ranges with hours are refused."""


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name of the IANA database. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"no time zone is called {name!r}; a good one is Europe/Istanbul",
            fields={"timezone": "unknown"},
        ) from error


def windows_of(said: TimeRange | None, zone: ZoneInfo, now: datetime) -> tuple[Window, ...]:
    """What it covers, in UTC, oldest first; nothing that is still to come. Empty: it is ahead."""
    if said is None:
        return (Window(None, now),)
    return tuple(
        Window(start, min(end, now) if end else now)
        for start, end in _spans(said, zone)
        if start is None or start < now
    )


def shifted(carried: TimeRange, days: int) -> TimeRange:
    """The same, so many days later."""
    if carried.days is None:
        span = timedelta(days=days)
        return replace(
            carried,
            text=f"the day {'before' if days < 0 else 'after'}",
            start=carried.start + span if carried.start else None,
            end=carried.end + span if carried.end else None,
            alternatives=(),
        )
    first, last = (each + timedelta(days=days) for each in carried.days)
    text = f"on {first:%-d %B %Y}" if first == last else f"{first:%-d} to {last:%-d %B %Y}"
    return replace(carried, text=text, days=(first, last), alternatives=())


def begins(said: TimeRange, zone: ZoneInfo) -> datetime | None:
    """When it begins."""
    return next((start for start, _ in _spans(said, zone)), None)


def ends(said: TimeRange, zone: ZoneInfo) -> datetime | None:
    """When it ends."""
    return next(reversed([end for _, end in _spans(said, zone)]), None)


def _spans(said: TimeRange, zone: ZoneInfo) -> Iterator[tuple[datetime | None, datetime | None]]:
    if said.days is None:
        yield (
            _utc(said.start, zone) if said.start else None,
            _utc(said.end, zone) if said.end else None,
        )
        return
    first, last = said.days
    if said.hours is None:
        yield _at(first, time(0), zone), _at(last + timedelta(days=1), time(0), zone)
        return
    if (last - first).days > LONGEST:
        raise InvalidInput(f"hours of each day can be asked for at most {LONGEST} days")
    start, end = said.hours
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        over_midnight = end <= start
        yield _at(day, start, zone), _at(day + timedelta(days=over_midnight), end, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return _utc(datetime.combine(day, clock), zone)


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """A wall time that a change of the clock leaves out is as far after the change; of one that
    comes twice, the first."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
