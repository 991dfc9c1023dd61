"""How busy today is, by what a camera sees and by what the others do."""

from __future__ import annotations

import numpy as np
import pytest

from promptuary.conversation.insights.cameras import Quiet
from promptuary.conversation.insights.day_factor import DayFactor, heard

USUAL = DayFactor.of(400, 4)


def after(factor: DayFactor, count: int, mean: float, times: int) -> DayFactor:
    for _ in range(times):
        factor = factor.learnt(count, mean, 12)
    return factor


def test_a_day_is_usual_until_something_was_seen() -> None:
    assert USUAL.mean == pytest.approx(1, abs=0.1)
    assert after(USUAL, 20, 10, 8).mean > 1.5
    assert after(USUAL, 2, 10, 8).mean < 0.5


def test_a_camera_hears_from_the_others_how_busy_the_day_is() -> None:
    slow = [after(USUAL, 5, 10, 8) for _ in range(5)]
    prior = heard([USUAL, *slow])[0]
    mine = DayFactor(USUAL.days, USUAL.own, prior)
    assert mine.mean < 0.75
    assert (mine.weights @ (mine.weights > 0)) == pytest.approx(1)


def test_one_broken_camera_changes_little_for_the_others() -> None:
    fine = [after(USUAL, 10, 10, 8) for _ in range(5)]
    broken = after(USUAL, 0, 10, 8)
    with_it, without_it = heard([*fine, broken])[0], heard([*fine, USUAL])[0]
    means = [DayFactor(4, USUAL.own, prior).mean for prior in (with_it, without_it)]
    assert means[0] == pytest.approx(means[1], rel=0.1)


def test_what_a_camera_sees_itself_does_not_come_back_to_it() -> None:
    loud = after(USUAL, 30, 10, 8)
    assert DayFactor(4, USUAL.own, heard([loud])[0]).mean == pytest.approx(USUAL.mean, abs=0.05)


def test_a_silence_is_told_from_when_events_were_due_and_not_from_the_night_before() -> None:
    night, day = np.array([0.01]), np.array([4.0])
    sizes = np.array([12.0])
    quiet = Quiet(0.0, USUAL)
    for tick in range(1, 145):
        quiet.goes_on(tick * 300.0, night if tick <= 96 else day, sizes, 300.0)
    assert quiet.start == 0
    assert 96 * 300 - 1800 < quiet.begins < 110 * 300
    for tick in range(145, 200):
        quiet.goes_on(tick * 300.0, night, sizes, 300.0)
    assert quiet.ends(200 * 300.0) < 152 * 300
