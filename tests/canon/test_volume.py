"""How much traffic there was in a time is what a sum over all templates says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.evolution.strands import Line
from promptuary.canon.evolution.volume import Volume

START = datetime(2026, 1, 5, tzinfo=UTC)
HOURS = st.integers(0, 200)
LINES = st.lists(st.tuples(HOURS, HOURS, st.integers(1, 50)), max_size=12)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def share(line: Line, start: datetime, end: datetime) -> float:
    """Of one template, as it is defined."""
    whole = (line.last - line.first).total_seconds()
    if whole <= 0:
        return float(line.size) if start < line.first <= end else 0.0
    part = (min(end, line.last) - max(start, line.first)).total_seconds()
    return line.size * max(0.0, part) / whole


@given(LINES, HOURS, HOURS)
def test_the_volume_of_a_time_is_the_sum_over_all(
    drawn: list[tuple[int, int, int]], one: int, other: int
) -> None:
    lines = [Line("a", "", at(min(a, b)), at(max(a, b)), size) for a, b, size in drawn]
    start, end = at(min(one, other)), at(max(one, other))
    expected = sum(share(line, start, end) for line in lines)
    assert Volume(lines).between(start, end) == pytest.approx(expected, abs=1e-6)
