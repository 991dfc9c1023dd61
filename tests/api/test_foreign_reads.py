"""Requests drawn at random, across users and cameras."""

import pytest
from bench.foreign_reads import fuzzed


@pytest.mark.slow
def test_nothing_of_a_camera_comes_out_for_somebody_who_may_not_see_it() -> None:
    found = fuzzed(210, seed=3)
    assert found.leaks == []
    assert min(found.compared, found.answered, found.caught) > 10
