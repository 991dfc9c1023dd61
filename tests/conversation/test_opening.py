"""What is said where nothing can be answered yet."""

from __future__ import annotations

import pytest

from conversation.guarded import HARBOUR
from promptuary.conversation import wording
from promptuary.conversation.opening import against, kinder
from promptuary.domain.conversations import Carried, Plan, TimeRange, Unclear

NOT = Unclear("not_understood", "?")


@pytest.mark.parametrize("said", ["Hello!", "help", "What can you do?", "?"])
def test_a_greeting_is_told_what_can_be_asked_and_which_cameras_there_are(said: str) -> None:
    message = kinder(NOT, said, Carried(), HARBOUR).message
    assert message.startswith(wording.CAN_BE_ASKED)
    assert HARBOUR.cameras[0].title in message


@pytest.mark.parametrize("said", ["and the lobby?", "what about yesterday?", "the second one"])
def test_a_turn_that_goes_on_from_nothing_is_told_so(said: str) -> None:
    assert kinder(NOT, said, Carried(), HARBOUR).message == wording.NOTHING_BEFORE
    assert kinder(NOT, said, Carried(current=Plan("count")), HARBOUR) is NOT


def test_other_refusals_stay_as_they_are() -> None:
    other = Unclear("unanswerable", "!")
    assert kinder(other, "hello", Carried(), HARBOUR) is other
    assert kinder(NOT, "help the xyz", Carried(), HARBOUR) is NOT


@pytest.mark.parametrize(
    ("said", "time", "refused"),
    [
        ("were there more people than yesterday?", "yesterday", True),
        ("¿hubo más gente que ayer?", "ayer", True),
        ("more than 5 people yesterday?", "yesterday", False),
        ("more people than at the gate yesterday?", "yesterday", False),
    ],
)
def test_a_time_that_is_only_compared_with_is_not_answered(
    said: str, time: str, refused: bool
) -> None:
    assert (against(Plan("count", time=TimeRange(time)), said) is not None) is refused
