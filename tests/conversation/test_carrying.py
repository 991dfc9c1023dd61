"""Turns that lean on what was said before."""

import pytest

from conversation.guarded import HARBOUR, NOW, ZONE
from promptuary.conversation.carrying import carry, next_plan
from promptuary.domain.conversations import Carried, Plan, Unclear

FIRST = "How many people did the Main Quay see yesterday?"


def after(*turns: str) -> Plan | Unclear:
    """What the last turn means; every answer names the event e1."""
    carried = Carried()
    found: Plan | Unclear = Unclear("empty", "")
    for turn in turns:
        found = next_plan(turn, carried, HARBOUR, NOW, ZONE)
        if isinstance(found, Plan):
            one = found.operation in {"first", "last", "duration", "clip"}
            carried = carry(carried, found, ("e1", "e2"), "e1" if one else None)
    return found


def short(found: Plan | Unclear) -> str:
    """The slots of a plan on one line."""
    assert isinstance(found, Plan), found
    when = found.time.text if found.time else "-"
    where = "+".join(found.cameras) or "all"
    return f"{found.operation} {'+'.join(found.labels + found.people) or '-'} {where} {when}"


@pytest.mark.parametrize(
    ("turn", "means"),
    [
        ("and the Fish Hall?", "count person fish_hall yesterday"),
        ("what about gate_w", "count person gate_w yesterday"),
        ("Fish Hall?", "count person fish_hall yesterday"),
        ("same for the Play Pen please", "count person playpen yesterday"),
        ("now check the Play Pen", "count person playpen yesterday"),
        ("and today?", "count person quay_main today"),
        ("how about last weekend", "count person quay_main last weekend"),
        ("and boats?", "count boat quay_main yesterday"),
        ("only trucks", "count truck quay_main yesterday"),
        ("Any boats?", "exists boat quay_main yesterday"),
        ("when was the first one?", "first person quay_main yesterday"),
        ("and the most recent?", "last person quay_main yesterday"),
        ("which camera saw the most?", "top person all yesterday"),
        ("what was the busiest hour?", "busiest person quay_main yesterday"),
        ("how long did the longest one stay?", "duration person quay_main yesterday"),
        ("across all cameras?", "count person all yesterday"),
        ("when?", "last person quay_main yesterday"),
        ("¿cuándo fue?", "last person quay_main yesterday"),
        ("is everything all right?", "unusual - all today"),
        ("how many were there at once?", "crowd person quay_main yesterday"),
        ("is that more than the day before?", "compare person quay_main yesterday"),
        ("compare that with the Fish Hall", "compare person quay_main+fish_hall yesterday"),
        ("was that more than the Fish Hall?", "compare person quay_main+fish_hall yesterday"),
        ("and cars at the West Gate today?", "count car gate_w today"),
        ("How many dogs did the Play Pen see this week?", "count dog playpen this week"),
        ("When was Rui last seen?", "last rui all -"),
        ("and the day before?", "count person quay_main on 12 May 2025"),
        ("only after 18:00", "count person quay_main after 18:00, yesterday"),
    ],
)
def test_a_turn_edits_what_was_asked(turn: str, means: str) -> None:
    assert short(after(FIRST, turn)) == means


def test_a_question_on_the_side_leaves_the_base_as_it_was() -> None:
    assert (
        short(after(FIRST, "when was the last one?", "and the Fish Hall?"))
        == "count person fish_hall yesterday"
    )


def test_the_first_question_can_be_gone_back_to() -> None:
    found = after(
        FIRST,
        "and boats?",
        "what about today?",
        "back to my first question, but with confidence above 0.8",
    )
    assert short(found) == "count person quay_main yesterday"
    assert isinstance(found, Plan)
    assert found.above == 0.8


@pytest.mark.parametrize("turn", ["play it", "show me the clip of that one", "can I see it?"])
def test_what_was_named_can_be_watched(turn: str) -> None:
    found = after(FIRST, "when was the first one?", turn)
    assert isinstance(found, Plan)
    assert (found.operation, found.event_id) == ("clip", "e1")


def test_an_event_can_be_picked_by_its_place() -> None:
    found = after(FIRST, "show me the second one")
    assert isinstance(found, Plan)
    assert found.event_id == "e2"


@pytest.mark.parametrize(
    "turn", ["and the lighthouse?", "and in March 2019?", "why did he leave?", "thanks", "hmm"]
)
def test_the_old_answer_is_never_repeated_for_what_was_not_understood(turn: str) -> None:
    assert isinstance(after(FIRST, turn), Unclear)


@pytest.mark.parametrize(
    "turn",
    [
        *("Who broke into the Fish Hall?", "who fed the cat?", "Who opened the West Gate?"),
        *("whoever left that boat there?", "Delete the events of today", "erase the West Gate"),
        *("people squabbling at the West Gate", "turn the West Gate camera off"),
        *("how did they get into the Fish Hall?", "was the boat late?", "is Marta a good worker"),
    ],
)
def test_a_turn_that_asks_for_what_nobody_can_tell_changes_nothing(turn: str) -> None:
    assert isinstance(after(FIRST, turn), Unclear)


def test_a_turn_without_anything_before_stands_alone() -> None:
    assert short(after("how many boats at the main quay today")) == "count boat quay_main today"
