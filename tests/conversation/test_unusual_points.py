"""Unusual points of a series are found by what came before them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from promptuary.conversation.insights.series import scores

START = datetime(2026, 3, 2, tzinfo=UTC)


def series(values: list[float]) -> list[tuple[datetime, float]]:
    return [(START + timedelta(minutes=30 * i), value) for i, value in enumerate(values)]


def daily(days: int) -> list[float]:
    return [
        100 + 60 * math.sin(i / 48 * 2 * math.pi) + (i * 31 % 13) for i in range(days * 48)
    ]  # fmt: skip


def test_a_course_that_repeats_is_not_unusual() -> None:
    assert max(list(scores(series(daily(42))))[48 * 28 :]) < 1


def test_a_value_that_fits_another_hour_is_unusual_at_this_one() -> None:
    values = daily(42)
    values[48 * 35 + 36] = 165.0
    assert list(scores(series(values)))[48 * 35 + 36] > 1


def test_a_value_never_seen_before_is_unusual() -> None:
    values = daily(42)
    values[-1] = 1000.0
    assert list(scores(series(values)))[-1] > 1


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=120))
def test_any_series_gets_a_score_for_each_point(values: list[float]) -> None:
    found = list(scores(series(values)))
    assert len(found) == len(values)
    assert all(score >= 0 and math.isfinite(score) for score in found)
