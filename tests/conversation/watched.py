"""Sites to watch: made-up cameras with events as regular as a clock, or drawn by chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from promptuary.domain.insights import Sighting

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600.0


def at(day: int, hour: float) -> float:
    """So many days and hours after that Monday, in UTC seconds."""
    return (MONDAY + timedelta(days=day, hours=hour)).timestamp()


def regular(
    days: int,
    *,
    camera: str = "gate",
    label: str = "person",
    first: float = 8.0,
    last: float = 18.0,
    minutes: float = 10.0,
    seconds: float = 12.0,
    confidence: float = 0.8,
) -> Iterator[Sighting]:
    """One event every so many minutes between two hours of every day, a little uneven."""
    for day in range(days):
        number = int((last - first) * 60 / minutes)
        for i in range(number):
            wobble = ((i * 37 + day * 11) % 17 - 8) / 8
            yield Sighting(
                f"{camera}-{label}-{day}-{i}",
                camera,
                label,
                at(day, first) + (i + 0.3 * wobble) * minutes * 60,
                seconds * (1 + 0.3 * wobble),
                "door",
                confidence + 0.04 * wobble,
            )


def many(
    label: str, number: int, start: float, minutes: float, **changes: object
) -> list[Sighting]:
    """So many more events at the gate, evenly over some minutes."""
    one = Sighting("", "gate", label, start, 12.0, "door", 0.8)
    return [
        replace(
            one,
            event_id=f"more-{label}-{start:.0f}-{i}",
            at=start + i * minutes * 60 / number,
            **changes,  # type: ignore[arg-type]  # what a test says of a sighting
        )
        for i in range(number)
    ]


def in_order(*parts: Iterable[Sighting]) -> list[Sighting]:
    """All of them by time."""
    return sorted((each for part in parts for each in part), key=lambda each: each.at)


def without(events: Iterable[Sighting], start: float, end: float) -> list[Sighting]:
    """Those outside a stretch of time."""
    return [each for each in events if not start <= each.at < end]


def on_workdays(events: Iterable[Sighting]) -> list[Sighting]:
    """Those from Monday to Friday."""
    return [each for each in events if datetime.fromtimestamp(each.at, UTC).weekday() < 5]
