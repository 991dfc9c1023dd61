"""The steps of a move: which may follow which, and whose reads go where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import GuardRefused
from promptuary.domain.moves import (
    ORDER,
    OVER,
    Move,
    after,
    asks_new,
    due,
    given_back,
    ramped,
    taken_back,
)
from promptuary.domain.upkeep import Verified

CLEAN, WRONG = Verified(9), Verified(9, {"missing": 1})
A_MOVE = Move(id="a", source="edge:", target="memory:", space="words")
KEYS = st.lists(st.text(max_size=30), min_size=1, max_size=50)


def test_a_move_that_is_verified_goes_through_all_steps_in_order():
    move = replace(A_MOVE, verified=CLEAN, percent=100)
    steps = [move.step]
    while not move.over:
        move = after(move)
        steps.append(move.step)
    assert tuple(steps) == ORDER


@pytest.mark.parametrize("verified", [None, WRONG])
def test_nobody_reads_from_a_store_that_was_not_found_equal(verified):
    move = replace(A_MOVE, step="verify", verified=verified)
    with pytest.raises(GuardRefused, match="verify it first"):
        after(move)
    with pytest.raises(GuardRefused, match="verify it first"):
        ramped(replace(move, step="shadow_read"), 5)


@pytest.mark.parametrize("step", sorted(OVER))
def test_what_is_over_is_over(step):
    move = replace(A_MOVE, step=step, verified=CLEAN)
    for deed in (after, lambda m: taken_back(m, "why"), lambda m: ramped(m, 5)):
        with pytest.raises(GuardRefused):
            deed(move)


def test_a_paused_move_goes_no_further():
    with pytest.raises(GuardRefused, match="resume"):
        after(replace(A_MOVE, paused="by hand"))
    verified = replace(A_MOVE, step="shadow_read", verified=CLEAN)
    assert ramped(verified, 5).percent == 5
    with pytest.raises(GuardRefused, match="resume"):
        ramped(replace(verified, paused="by hand"), 5)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_is_a_share(percent):
    with pytest.raises(GuardRefused, match="between 0 and 100"):
        ramped(replace(A_MOVE, step="ramp", verified=CLEAN), percent)


def test_a_cut_over_needs_all_reads_first():
    with pytest.raises(GuardRefused, match="50 %"):
        after(replace(A_MOVE, step="ramp", verified=CLEAN, percent=50))


@pytest.mark.parametrize("step", ORDER[:-1])
def test_there_is_a_way_back_from_every_step_but_the_last(step):
    back = taken_back(replace(A_MOVE, step=step, percent=50), "why")
    assert back.over
    assert not back.switched
    assert not asks_new(back, "any key")
    assert back.notes == ("why",)


@pytest.mark.parametrize("step", ["ramp", "cutover", "soak"])
def test_a_failing_store_is_given_nothing_but_can_be_tried_again(step):
    back = given_back(replace(A_MOVE, step=step, percent=100, verified=CLEAN), "it is away")
    assert not asks_new(back, "any key")
    assert ramped(replace(back, paused=""), 5).percent == 5


@given(KEYS, st.integers(0, 99))
def test_a_key_that_the_new_store_answers_stays_with_it_as_the_share_grows(keys, percent):
    some = replace(A_MOVE, step="ramp", percent=percent)
    more = replace(some, percent=percent + 1)
    for key in keys:
        assert asks_new(some, key) == asks_new(some, key)
        assert asks_new(more, key) or not asks_new(some, key)
        assert asks_new(replace(some, percent=100), key)
        assert not asks_new(replace(some, percent=0), key)


def test_a_share_is_that_share_of_the_keys():
    move = replace(A_MOVE, step="ramp", percent=25)
    asked = sum(asks_new(move, f"key {number}") for number in range(4_000))
    assert 900 < asked < 1_100


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("shadow_read", "ramp it first"),
        ("ramp", "ramp it to 100 and cut it over"),
        ("soak", "it was cut over already"),
        ("finalize", "plan another one"),
    ],
)
def test_an_operator_is_told_what_comes_next(step, said):
    assert due(replace(A_MOVE, step=step)) == said
