"""What a long conversation was about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.summing_up import LATEST, LONG, summary
from promptuary.domain.conversations import Message
from promptuary.domain.events import Event
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork


def turns(count: int, refused: int = 0) -> list[Message]:
    said = [Message(f"m{n}", "assistant", "1", NOW, understood=f"Count {n}.") for n in range(count)]
    lost = Message("x", "assistant", "?", NOW, refused="unanswerable")
    return [*said, *[lost] * refused]


def test_a_short_conversation_has_none_and_a_long_one_its_first_and_latest_questions() -> None:
    assert summary(turns(LONG)) == ""
    said = summary(turns(LONG, refused=2))
    assert said.startswith(f"{LONG + 2} turns from ")
    assert "2 of them without an answer" in said
    assert "First: Count 0." in said
    assert f"Count {LONG - LATEST}." in said
    assert f"Count {LONG - LATEST - 1}." not in said
    assert f"In between {LONG - LATEST - 1} other questions." in said


def test_a_question_that_came_again_is_named_once() -> None:
    assert summary(turns(1) * (LONG + 1)).count("Count 0.") == 1


@pytest.mark.anyio
async def test_history_carries_it_without_what_may_no_longer_be_seen() -> None:
    record = MemoryUnitOfWork()
    face = Conversing(record, HandClock(NOW), "UTC", timedelta(days=7), Calendar())
    await face.describe_cameras(HARBOUR.cameras)
    await face.add_events([Event("e", "gate_w", "person", NOW - timedelta(hours=3))])
    thread = None
    for _ in range(LONG + 1):
        asked = "how many people today?"
        thread = (await face.converse(asked, conversation_id=thread)).conversation.id
    whole = await face.history(thread or "", limit=2)
    assert whole.summary.startswith(f"{LONG + 1} turns")
    assert "First: " in whole.summary
    assert len(whole.messages) == 2
    assert "First: " not in (await face.export(thread or "", cameras=["quay_main"])).summary
