"""Experiments may be looked at any time, keep to their error, and end by themselves."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from promptuary.domain.experiments import Tally
from promptuary.library.face import Library
from promptuary.library.trials import (
    difference_at_any_time,
    in_trial,
    share_at_any_time,
    wilson,
)

TALLIES = st.integers(0, 5_000).flatmap(
    lambda trials: st.integers(0, trials).map(lambda good: Tally(trials, good))
)


@given(TALLIES)
def test_intervals_hold_the_share_and_lie_between_nothing_and_all(tally: Tally) -> None:
    for found in (wilson(tally), share_at_any_time(tally)):
        assert 0 <= found.low <= found.share <= found.high <= 1


@given(TALLIES, TALLIES)
def test_the_difference_turns_round_when_the_arms_do(one: Tally, other: Tally) -> None:
    there, back = difference_at_any_time(one, other), difference_at_any_time(other, one)
    assert there.low == pytest.approx(-back.high)
    assert there.share == pytest.approx(-back.share)


def ends(control: float, candidate: float, most: int, dice: random.Random) -> int | None:
    """After how many ratings an arm somebody who looks after each of them sees a difference."""
    old = new = 0
    for seen in range(1, most + 1):
        old += dice.random() < control
        new += dice.random() < candidate
        found = difference_at_any_time(Tally(seen, old), Tally(seen, new))
        if found.low > 0 or found.high < 0:
            return seen
    return None


@pytest.mark.slow
def test_looking_after_every_rating_keeps_to_the_error() -> None:
    dice = random.Random(5)
    wrong = sum(ends(0.6, 0.6, 1_000, dice) is not None for _ in range(300))
    assert wrong <= 0.05 * 300


@pytest.mark.slow
def test_a_clear_difference_is_seen_in_a_few_hundred_ratings() -> None:
    dice = random.Random(6)
    stopped = [ends(0.75, 0.45, 1_000, dice) for _ in range(40)]
    assert all(stopped)
    assert sorted(each or 0 for each in stopped)[20] <= 400


def test_an_arm_is_sticky_keeps_to_its_share_and_only_grows_with_it() -> None:
    keys = [f"user-{number}" for number in range(4_000)]
    tenth = {key for key in keys if in_trial("e", key, 0.1)}
    half = {key for key in keys if in_trial("e", key, 0.5)}
    assert tenth <= half
    assert len(tenth) == pytest.approx(400, abs=80)
    assert half == {key for key in keys if in_trial("e", key, 0.5)}
    assert half != {key for key in keys if in_trial("another", key, 0.5)}


async def rated(library: Library, slug: str, version: int, stars: int, times: int) -> None:
    """So many people said so."""
    for _ in range(times):
        await library.rate(slug, stars, version)


async def begun(library: Library) -> None:
    """Two versions, the second on trial beside the first."""
    await library.save("reply", "Answer the customer.", labels=["production"])
    await library.save("reply", "Answer the customer kindly.")
    await library.begin_experiment("reply", 2)


@pytest.mark.anyio
async def test_a_candidate_that_is_worse_is_given_to_nobody_any_more(library: Library) -> None:
    await begun(library)
    given = {key: (await library.serve("reply", key)).version.number for key in "abcdefghij"}
    assert set(given.values()) == {1, 2}
    assert given == {key: (await library.serve("reply", key)).version.number for key in given}
    await rated(library, "reply", 1, 5, 60)
    await rated(library, "reply", 2, 1, 60)
    assert {(await library.serve("reply", key)).version.number for key in given} == {1}
    verdict = await library.judge("reply")
    assert verdict.experiment.state == "lost"
    assert verdict.difference.high < 0


@pytest.mark.anyio
async def test_a_candidate_that_is_better_takes_the_label_when_asked(library: Library) -> None:
    await begun(library)
    assert (await library.judge("reply")).experiment.state == "running"
    await rated(library, "reply", 1, 2, 60)
    await rated(library, "reply", 2, 5, 60)
    assert (await library.judge("reply", promote=True)).experiment.state == "won"
    assert (await library.get("reply", label="production")).version.number == 2


@pytest.mark.anyio
async def test_a_candidate_that_has_won_is_given_on_until_the_label_moves_or_it_is_stopped(
    library: Library,
) -> None:
    await begun(library)
    given = {key: (await library.serve("reply", key)).version.number for key in "abcdefghij"}
    await rated(library, "reply", 1, 2, 60)
    await rated(library, "reply", 2, 5, 60)
    assert (await library.judge("reply")).experiment.state == "won"
    assert given == {key: (await library.serve("reply", key)).version.number for key in given}
    await library.save("reply", "Answer the customer at once.", labels=["production"])
    assert {(await library.serve("reply", key)).version.number for key in given} == {3}
    await library.label("reply", "production", 1)
    assert (await library.stop_experiment("reply")).state == "stopped"
    assert {(await library.serve("reply", key)).version.number for key in given} == {1}


@pytest.mark.anyio
async def test_experiments_that_make_no_sense_are_refused(library: Library) -> None:
    await begun(library)
    with pytest.raises(Conflict):
        await library.begin_experiment("reply", 2)
    assert (await library.stop_experiment("reply")).state == "stopped"
    for wrong in ({"candidate": 1}, {"candidate": 2, "share": 1.0}):
        with pytest.raises(InvalidInput):
            await library.begin_experiment("reply", **wrong)
    await library.save("other", "One", labels=["production"])
    assert (await library.serve("other", "a")).version.number == 1
    for asked in (library.judge("other"), library.stop_experiment("other")):
        with pytest.raises(NotFound):
            await asked
    with pytest.raises(NotFound):
        await library.rate("other", 5, key="a")


@pytest.mark.anyio
async def test_a_rating_by_key_counts_for_what_that_key_was_given(library: Library) -> None:
    await begun(library)
    given = {key: (await library.serve("reply", key)).version.number for key in "abcdefghij"}
    for key, number in given.items():
        await library.rate("reply", 5 if number == 2 else 1, key=key)
    verdict = await library.judge("reply")
    assert (verdict.control.good, verdict.candidate.good) == (0, verdict.candidate.trials)
    assert verdict.control.trials + verdict.candidate.trials == len(given)
    assert verdict.old.low <= verdict.old.share <= verdict.old.high


@pytest.mark.anyio
async def test_a_protected_label_is_promoted_only_by_whoever_may(library: Library) -> None:
    await begun(library)
    await library.label("reply", "production", 1, protected=True)
    await rated(library, "reply", 1, 2, 60)
    await rated(library, "reply", 2, 5, 60)
    with pytest.raises(Forbidden):
        await library.judge("reply", promote=True)
    await library.judge("reply", promote=True, override=True)
    assert (await library.get("reply", label="production")).version.number == 2
    trail = [each.action for each in (await library.audit("reply")).items]
    assert [each for each in trail if each in {"tried", "judged"}] == ["judged", "tried"]
