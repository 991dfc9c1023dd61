"""How much a camera's half-hours differ is learnt from them."""

from __future__ import annotations

import numpy as np
import pytest

from conversation.watched import at
from promptuary.conversation.insights.restless import BOUNDS, SUPPOSED, Restless
from promptuary.conversation.insights.watching import noticed
from promptuary.domain.insights import Sighting, Site


def after(shape: float, half_hours: int, mean: float = 6.0) -> Restless:
    """What is thought after so many half-hours, drawn with such a Gamma shape."""
    draw = np.random.default_rng(4)
    found = Restless()
    for level in draw.gamma(shape, 1 / shape, half_hours):
        found.learn(int(draw.poisson(mean * level)), mean, 0.0)
    return found


@pytest.mark.parametrize("shape", [3.0, 12.0, 30.0])
def test_how_much_half_hours_differ_is_found_out(shape: float) -> None:
    assert after(shape, 1_000).share == pytest.approx(1 / shape, rel=0.35)


def test_before_much_was_seen_the_usual_is_supposed() -> None:
    assert after(3, 2).share == pytest.approx(SUPPOSED, rel=0.3)


def test_one_flood_is_no_rule() -> None:
    calm, flooded = after(12, 300), after(12, 300)
    flooded.learn(10_000, 6.0, 0.0)
    assert flooded.share < 1.2 * calm.share


def test_what_is_thought_stays_within_bounds() -> None:
    even, odd = Restless(), Restless()
    for number in range(3_000):
        even.learn(6, 6.0, 0.0)
        odd.learn(number % 9 // 8 * 450, 50.0, 0.0)
    assert (even.share, odd.share) == BOUNDS


def drawn(shape: float, days: int) -> list[Sighting]:
    """Twelve hours a day of about six events in each half-hour."""
    draw = np.random.default_rng(12)
    found = []
    for day in range(days):
        for half, level in enumerate(draw.gamma(shape, 1 / shape, 24)):
            for moment in np.sort(draw.random(draw.poisson(6 * level))):
                when = at(day, 8 + (half + moment) / 2)
                found.append(Sighting(f"e{len(found)}", "gate", "person", when, 12.0, "door", 0.8))
    return found


@pytest.mark.slow
def test_the_unevenness_of_a_camera_alarms_nobody_once_it_is_known() -> None:
    """Where every camera is supposed to be as even as most are, these weeks have four bursts."""
    assert [each for each in noticed(drawn(2.0, 21), Site("UTC")) if each.type == "burst"] == []
