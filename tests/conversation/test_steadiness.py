"""How much the days of a site and of its cameras differ is learnt from them."""

from __future__ import annotations

import numpy as np
import pytest

from promptuary.conversation.insights.day_factor import DayFactor
from promptuary.conversation.insights.steadiness import CAMERA, SITE, Steadiness, learn_day


def after(
    days: int, *, site: float, camera: float, oddity: float = 1.0
) -> tuple[Steadiness, list[Steadiness]]:
    """What is thought of four cameras after days drawn with such shapes; on the last one the first
    camera sees `oddity` times as much."""
    draw = np.random.default_rng(8)
    whole, cameras = Steadiness(SITE), [Steadiness(CAMERA) for _ in range(4)]
    for day in range(days):
        common, factors = draw.gamma(site, 1 / site), []
        for number, _ in enumerate(cameras):
            level = common * draw.gamma(camera, 1 / camera)
            level *= oddity if (day, number) == (days - 1, 0) else 1.0
            factor = DayFactor.of(2_000.0, 8)
            for count in draw.poisson(40 * level, 3):
                factor = factor.learnt(int(count), 40.0, 200.0)
            factors.append(factor)
        learn_day(whole, list(zip(cameras, factors, strict=True)))
    return whole, cameras


@pytest.mark.slow
def test_days_that_differ_much_and_days_that_hardly_differ_are_told_apart() -> None:
    restless, uneven = after(45, site=5.0, camera=8.0)
    calm, even = after(45, site=60.0, camera=80.0)
    assert restless.shape < 12
    assert calm.shape > 25
    assert np.mean([each.shape for each in uneven]) < 24
    assert np.mean([each.shape for each in even]) > 36


def test_one_day_with_an_outage_changes_little() -> None:
    usual, odd = (after(14, site=20.0, camera=60.0, oddity=much)[1][0] for much in (1.0, 0.05))
    assert usual.shape * 0.6 < odd.shape < usual.shape


def test_what_is_supposed_before_any_day_is_what_it_was() -> None:
    assert Steadiness(SITE).shape == pytest.approx(20, rel=0.2)
    assert Steadiness(CAMERA).shape == pytest.approx(30, rel=0.2)


def test_days_of_which_no_other_is_known_teach_nothing() -> None:
    whole, camera = Steadiness(SITE), Steadiness(CAMERA)
    learn_day(whole, [(camera, DayFactor().learnt(400, 40.0, 200.0))])
    assert whole.shape == Steadiness(SITE).shape
