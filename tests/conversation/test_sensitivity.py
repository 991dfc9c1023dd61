"""Feedback makes insights of a kind rarer or more frequent, within bounds, from then on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.watched import at, in_order, many, regular
from promptuary.conversation.insights.sensitivity import KEENEST, STRICTEST, Sensitivity
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.domain.insights import Insight, Sighting, Site
from promptuary.domain.watching import Feedback, Verdict

VERDICTS: tuple[Verdict, ...] = ("useful", "false_alarm", "withdrawn")


def said(verdict: Verdict, number: int = 0, *, insight: str = "", when: float = 0.0) -> Feedback:
    moment = datetime.fromtimestamp(when + number, UTC)
    about = insight or f"insight{number}"
    return Feedback(
        f"{number}", about, "burst", "gate", verdict, "", "ada", moment, before=0, after=0
    )


def told(events: list[Sighting], feedback: list[Feedback]) -> list[Insight]:
    replay = Replay(Watch(Site(), sensitivity=Sensitivity.of(feedback)))
    found = [each for event in events for each in replay.take(event)]
    return list({each.id: each for each in found}.values())


def test_false_alarms_weigh_more_and_the_last_word_on_an_insight_counts() -> None:
    one = [said("false_alarm"), said("useful", 1)]
    assert Sensitivity.of(one).decades("burst", "gate", 9) == 0.5
    back = [said("false_alarm", insight="i"), said("withdrawn", 1, insight="i")]
    assert Sensitivity.of(back).decades("burst", "gate", 0.5) == 1.0
    assert Sensitivity.of(back).decades("burst", "gate", 9) == 0.0
    assert Sensitivity.of(one).decades("burst", "hall", 9) == 0.0
    assert Sensitivity.of(one).decades("silence", "gate", 9) == 0.0


@pytest.mark.slow
@given(st.lists(st.sampled_from(VERDICTS), max_size=40))
def test_no_feedback_leads_beyond_the_bounds(verdicts: list[Verdict]) -> None:
    known = Sensitivity.of(said(each, n) for n, each in enumerate(verdicts))
    assert KEENEST <= known.decades("burst", "gate", 1e9) <= STRICTEST


@pytest.mark.slow
def test_a_burst_like_one_that_was_a_false_alarm_is_told_no_more_but_a_larger_one_is() -> None:
    small, large = many("person", 14, at(8, 11), 20), many("person", 60, at(9, 11), 20)
    events = in_order(regular(10, minutes=20), small, large)
    strict = [said("false_alarm", n, when=at(7, 0)) for n in range(3)]
    assert len(told(events, [])) == 2
    (left,) = told(events, strict)
    assert left.end > large[0].at


@pytest.mark.slow
def test_feedback_changes_nothing_that_was_told_before_it() -> None:
    events = in_order(regular(10, minutes=20), many("person", 14, at(8, 11), 20))
    later = [said("false_alarm", n, when=at(9, 0)) for n in range(3)]
    assert told(events, later) == told(events, [])
