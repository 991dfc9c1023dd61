"""What is unusual is noticed while it happens, once, and what is usual is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date

import pytest

from conversation.watched import HOUR, at, in_order, many, on_workdays, regular, without
from promptuary.conversation.insights.alarms import About, Alarms, Finding
from promptuary.conversation.insights.telling import told as told_in_words
from promptuary.conversation.insights.watching import Replay, Watch, noticed
from promptuary.domain.insights import Insight, Sighting, Site

SITE = Site(declared={"gate": frozenset({"person"})})


def told(events: list[Sighting], site: Site = SITE) -> list[Insight]:
    """How each insight ended, in the order of noticing."""
    return list({each.id: each for each in noticed(events, site)}.values())


@pytest.mark.slow
def test_nothing_is_said_of_days_like_all_others() -> None:
    assert told(list(regular(14))) == []


def test_a_burst_is_noticed_before_it_is_over_with_its_events() -> None:
    more = many("person", 25, at(10, 11), 30)
    (burst,) = told(in_order(regular(12), more))
    assert (burst.type, burst.camera_id, burst.label) == ("burst", "gate", "person")
    assert burst.detected_at < more[-1].at
    assert {each.event_id for each in more} <= set(burst.evidence_ids)
    assert burst.observed > 3 * burst.expected
    assert not burst.ongoing


@pytest.mark.slow
def test_events_at_night_are_an_unusual_hour() -> None:
    (night,) = told(in_order(regular(12), many("person", 4, at(10, 2), 15)))
    assert night.type == "unusual_hour"


@pytest.mark.slow
def test_a_camera_that_sees_nothing_is_silent_until_it_sees_something() -> None:
    gone = without(regular(12, minutes=4), at(10, 10), at(10, 14))
    (silence,) = told(in_order(gone, regular(12, camera="lobby", minutes=4)))
    assert (silence.type, silence.camera_id) == ("silence", "gate")
    assert silence.detected_at <= at(10, 11.5)
    assert silence.end == pytest.approx(at(10, 14), abs=600)
    assert told_in_words(silence, {"gate": "Gate"}, UTC).message.startswith(
        "Gate saw nothing from 09:56 to 14:0"
    )


@pytest.mark.slow
def test_a_silence_everywhere_is_told_once_and_not_for_each_camera() -> None:
    site = [regular(12, camera=f"camera{i}", minutes=5) for i in range(6)]
    (silence,) = told(without(in_order(*site), at(10, 10), at(10, 12)), Site())
    assert (silence.type, silence.camera_id) == ("system_silence", "*")
    assert silence.severity == "critical"


@pytest.mark.slow
def test_nights_and_weekends_are_no_silence() -> None:
    workdays = on_workdays(regular(21, minutes=5))
    assert told(workdays) == []


@pytest.mark.slow
def test_a_day_off_is_no_silence_where_the_calendar_says_so() -> None:
    workdays = on_workdays(regular(21, minutes=5))
    closed = without(workdays, at(15, 0), at(16, 0))
    assert told(closed)[0].type in {"silence", "system_silence"}
    assert told(closed, replace(SITE, days_off=frozenset({date(2026, 3, 17)}))) == []


def test_a_label_that_was_not_declared_is_new_once() -> None:
    foxes = many("fox", 2, at(9, 12), 5) + many("fox", 1, at(9, 20), 5)
    (new,) = told(in_order(regular(11), foxes))
    assert (new.type, new.label) == ("new_label", "fox")
    assert new.detected_at == foxes[0].at
    assert len(new.evidence_ids) == 2


def test_without_a_declaration_a_label_is_new_where_hardly_any_ever_was() -> None:
    foxes = many("fox", 1, at(9, 12), 5)
    assert [each.label for each in told(in_order(regular(11), foxes), Site())] == ["fox"]


def test_somebody_who_stays_is_noticed_by_how_long() -> None:
    stays = many("person", 5, at(10, 11.05), 40, seconds=90.0)
    found = told(in_order(regular(12), stays))
    assert [each.type for each in found] == ["loitering"]
    assert {each.event_id for each in stays} <= set(found[0].evidence_ids)


def test_one_very_long_event_is_noticed_while_it_lasts() -> None:
    (stay,) = told(in_order(regular(12), many("person", 1, at(10, 11.05), 1, seconds=HOUR)))
    assert stay.type == "loitering"
    assert stay.detected_at < at(10, 11.5)


def test_a_camera_that_sees_worse_is_noticed_and_its_recovery_too() -> None:
    events = [
        replace(each, confidence=0.55) if at(10, 9) <= each.at < at(10, 16) else each
        for each in regular(13)
    ]
    (drop,) = told(events)
    assert drop.type == "quality_drop"
    assert drop.detected_at < at(10, 11)
    assert drop.end == pytest.approx(at(10, 16), abs=HOUR)


@pytest.mark.slow
def test_a_burst_teaches_nothing_so_that_the_next_one_is_noticed_too() -> None:
    bursts = [many("person", 25, at(day, 11), 30) for day in (9, 10, 11)]
    assert [each.type for each in told(in_order(regular(13), *bursts))] == ["burst"] * 3


def test_an_event_that_comes_late_alarms_nobody() -> None:
    events = list(regular(12))
    late = [replace(each, at=at(10, 2)) for each in many("person", 6, at(10, 2), 10)]
    position = next(i for i, each in enumerate(events) if each.at > at(10, 12))
    assert told(events[:position] + late + events[position:]) == []


@pytest.mark.slow
def test_what_was_said_does_not_depend_on_what_came_later() -> None:
    events = in_order(regular(12), many("person", 25, at(10, 11), 30))
    until = [each for each in events if each.at < at(11, 0)]
    assert told(until) == told(events)


@pytest.mark.slow
def test_the_clock_of_the_site_counts_through_a_change_to_summer_time() -> None:
    abroad = Site(timezone="Europe/Madrid", declared=SITE.declared)
    local = [
        replace(each, at=each.at - (2 * HOUR if each.at >= at(27, 1) else HOUR))
        for each in regular(34)
    ]
    assert told(local, abroad) == []


@pytest.mark.slow
def test_the_same_stream_gives_the_same_ids() -> None:
    events = in_order(regular(12), many("person", 25, at(10, 11), 30))
    assert told(events)[0].id == told(events)[0].id


def test_a_silence_over_midnight_is_told_with_its_days() -> None:
    silence = Insight(
        *("i", "silence", "gate", "", "", at(2, 18), at(4, 9), at(3, 9)),
        *(40.0, 0.0, "events", 1e-9, "high", (), False),
    )
    span = "from Wed 04 Mar 18:00 to Fri 06 Mar 09:00"
    assert (
        told_in_words(silence, {}, UTC).message == f"Gate saw nothing {span}; 40 events are usual."
    )


@pytest.mark.slow
@pytest.mark.parametrize("dark", [("gate", "hall"), ("gate",)])
def test_what_follows_a_silence_is_compared_with_a_day_like_others(dark: tuple[str, ...]) -> None:
    """The hours without events say nothing of the day: else all that follows would seem a burst."""
    site = in_order(*(regular(9, camera=each, minutes=6) for each in ("gate", "hall")))
    gone = [
        each for each in site if each.camera_id not in dark or not at(8, 9) <= each.at < at(8, 12.4)
    ]
    replay, found = Replay(Watch(Site())), dict[str, Insight]()
    for each in gone:
        if each.at < at(8, 12.45):
            found |= {one.id: one for one in replay.take(each)}
    assert ("*" in {one.camera_id for one in found.values()}) == (len(dark) == 2)
    assert "gate" in {one.camera_id for one in found.values()}
    assert not any(one.ongoing for one in found.values())
    assert all(0.9 < each.factor.mean < 1.1 for each in replay.watch.cameras)


def test_a_burst_that_rests_is_not_told_as_an_unusual_hour() -> None:
    alarms = Alarms()
    finding = Finding(0.0, 60.0, 0.1, 5, "events in 20 minutes", 1e-7)
    assert alarms.found(About("burst", "gate", "car"), finding)
    alarms.over(About("burst", "gate", "car"))
    assert alarms.found(About("unusual_hour", "gate", "car"), finding) is None
    assert alarms.found(About("unusual_hour", "gate", "person"), finding)
