"""A camera that sends heartbeats is missed as soon as they stay away."""

from __future__ import annotations

import pytest

from conversation.watched import HOUR, at, in_order, regular
from promptuary.conversation.insights.pulses import Pulses
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.domain.insights import Insight, Site
from promptuary.domain.watching import Pulse

LATE = at(1, 3)
"""At night: nothing is to be seen, and no event tells that the camera is gone."""


def told(
    *pulses: Pulse, until: float, cameras: tuple[str, ...] = ("gate", "hall")
) -> list[Insight]:
    seen = in_order(*(regular(1, camera=each, minutes=60) for each in cameras))
    replay = Replay(Watch(Site(), pulses=Pulses.among(pulses)))
    found = [insight for event in seen for insight in replay.take(event)]
    found += replay.until(until)
    return list({each.id: each for each in found}.values())


def test_a_camera_whose_heartbeats_stop_is_silent_within_minutes_even_at_night() -> None:
    gone = Pulse("gate", at(0, 0), LATE, 60.0)
    (silence,) = told(gone, Pulse("hall", at(0, 0), at(2, 0), 60.0), until=LATE + HOUR)
    assert (silence.type, silence.camera_id, silence.ongoing) == ("silence", "gate", True)
    assert silence.start == LATE
    assert silence.detected_at - LATE <= 600


def test_it_ends_when_they_come_back() -> None:
    first, again = Pulse("gate", at(0, 0), LATE, 60.0), Pulse("gate", LATE + HOUR, at(2, 0), 60.0)
    hall = Pulse("hall", at(0, 0), at(2, 0), 60.0)
    (silence,) = told(first, again, hall, until=LATE + 3 * HOUR)
    assert not silence.ongoing
    assert silence.end == pytest.approx(LATE + HOUR, abs=600)


def test_where_all_stop_it_is_the_site_that_is_silent() -> None:
    pulses = [Pulse(each, at(0, 0), LATE, 60.0) for each in ("gate", "hall")]
    (silence,) = told(*pulses, until=LATE + HOUR)
    assert (silence.type, silence.camera_id) == ("system_silence", "*")


def test_who_never_sent_any_is_not_missed() -> None:
    assert told(until=LATE + HOUR) == []


def test_a_camera_that_still_sees_something_is_not_silent() -> None:
    early = Pulse("gate", at(0, 0), at(0, 12), 6 * 3600.0)
    assert told(early, until=at(0, 19), cameras=("gate",)) == []
