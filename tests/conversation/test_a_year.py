"""A year of a site that changes: what is told of it, and what the watch keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from promptuary.conversation.insights.telling import told
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.domain.insights import Insight, Sighting, Site

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST = date(2026, 1, 5)
LABELS = {"door": "person", "street": "car"}
NAMED = Site(str(ZONE), {"door": frozenset({"person"}), "street": frozenset({"car"})})
HOLIDAYS = frozenset({date(2026, 4, 6), date(2026, 5, 14), date(2026, 12, 25)})

Change = Callable[[str, int], float]


def _same(_camera: str, _day: int) -> float:
    return 1.0


def drawn(
    days: int,
    *,
    level: Change = _same,
    later: Change = lambda _camera, _day: 0.0,
    confidence: Change = lambda _camera, _day: 0.8,
    door: Callable[[int], str] = lambda _day: "door",
) -> Iterator[Sighting]:
    """Days of an office door and a street, about 25 events each, by the clock on the wall; days,
    cameras and hours vary beyond chance. `later` moves the hours of a camera."""
    draw = np.random.default_rng(5)
    hours = (np.arange(24) + 0.5)[None, :]
    bells = np.exp(-0.5 * ((hours - np.array([[8.5], [17.0]])) / 2.0) ** 2).sum(axis=0)
    course = 0.01 + 26 * bells / bells.sum()
    number = 0
    for day in range(days):
        today = FIRST + timedelta(day)
        off = today.weekday() >= 5 or today in HOLIDAYS
        common = draw.gamma(20) / 20
        for name, label in LABELS.items():
            share = (0.1 if name == "door" else 0.9) if off else 1.0
            busy = share * common * draw.gamma(40) / 40 * level(name, day)
            for hour, many in enumerate(draw.poisson(course * busy * draw.gamma(12, 1 / 12, 24))):
                for into in np.sort(draw.random(many)):
                    at = datetime(today.year, today.month, today.day) + timedelta(  # noqa: DTZ001 - the wall's
                        hours=hour + float(into) + later(name, day)
                    )
                    number += 1
                    yield Sighting(
                        f"e{number}",
                        door(day) if name == "door" else name,
                        label,
                        at.replace(tzinfo=ZONE).timestamp(),
                        float(draw.lognormal(2.5, 0.4)),
                        "kerb",
                        float(np.clip(draw.normal(confidence(name, day), 0.05), 0.3, 0.99)),
                    )


def watched(events: Iterator[Sighting], site: Site = NAMED) -> tuple[Watch, list[Insight]]:
    """All of it, and how each insight ended, in the order of telling."""
    replay, last = Replay(Watch(site)), dict[str, Insight]()
    for each in sorted(events, key=lambda one: one.at):
        last |= {found.id: found for found in replay.take(each)}
    last |= {found.id: found for found in replay.until(each.at)}
    return replay.watch, sorted(last.values(), key=lambda one: one.detected_at)


def kept(watch: Watch) -> int:
    """The days of counts that are remembered of the camera that is remembered best."""
    return max(len(label.counts.rows) for each in watch.cameras for label in each.labels.values())


@pytest.mark.slow
def test_a_year_with_seasons_clock_changes_holidays_and_a_new_camera_raises_no_storm() -> None:
    """Summer is 2.3 times winter; the door gets another camera of another name on day 240; nobody
    comes for the last fortnight of July."""
    closed = range((date(2026, 7, 18) - FIRST).days, (date(2026, 8, 1) - FIRST).days)

    def level(_camera: str, day: int) -> float:
        return 0.0 if day in closed else 1 - 0.4 * float(np.cos(2 * np.pi * day / 365))

    events = drawn(365, level=level, door=lambda day: "door" if day < 240 else "new door")
    site = Site(NAMED.timezone, NAMED.declared, HOLIDAYS)
    watch, found = watched(events, site)
    (whole,) = [each for each in found if each.type == "system_silence"]
    assert whole.end - whole.start == pytest.approx(14 * 86_400, rel=0.1)
    (gone,) = [each for each in found if each.type == "silence" and each.camera_id == "door"]
    assert not gone.ongoing
    assert gone.end - gone.start == pytest.approx(14 * 86_400, rel=0.01)
    message = told(gone, {}, ZONE).message
    assert message.startswith("Door saw nothing from ")
    assert message.endswith("; it counts as removed until it sees something.")
    assert len(found) <= 6
    assert {each.name for each in watch.cameras} == {"new door", "street"}
    assert kept(watch) <= 72
    assert len(watch.days._offsets) <= 4_000


@pytest.mark.slow
def test_habits_that_change_are_told_for_some_days_and_then_learnt() -> None:
    """From day 40 on the door is used at night."""
    nights = drawn(75, later=lambda name, day: 9.0 if name == "door" and day >= 40 else 0.0)
    _, found = watched(nights)
    begin = datetime(2026, 2, 14, tzinfo=UTC).timestamp()
    assert 2 <= len(found) <= 10
    assert all(begin - 86_400 < each.detected_at < begin + 18 * 86_400 for each in found)


@pytest.mark.slow
def test_a_detector_that_is_worse_for_good_is_the_new_usual_after_a_fortnight() -> None:
    worse = drawn(50, confidence=lambda _name, day: 0.8 if day < 30 else 0.5)
    watch, found = watched(worse)
    drops = [each for each in found if each.type == "quality_drop"]
    assert sorted(each.camera_id for each in drops) == ["door", "street"]
    assert not any(each.ongoing for each in drops)
    assert all(13.5 < (each.end - each.start) / 86_400 < 15 for each in drops)
    assert not [each for each in watch.alarms.on if each.type == "quality_drop"]
