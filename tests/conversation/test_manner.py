"""How a site wishes answers to be given and kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW, event
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.manner import Manner
from promptuary.ports.chat_model import ChatModel
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
RED = {"description": "a red coat"}
SEEN = [
    event(1, hours=4, confidence=0.5, **RED),
    event(2, hours=3, **RED),
    event(3, hours=2, confidence=0.9, **RED),
    event(4, hours=1, confidence=0.7, **RED),
]
ASKED = "how many cars with a red coat at the West Gate today?"


async def face(
    manner: Manner, clock: HandClock | None = None, model: ChatModel | None = None
) -> Conversing:
    async def chat() -> ChatModel | None:
        return model

    made = Conversing(
        MemoryUnitOfWork(), clock or HandClock(NOW), "Europe/Lisbon", timedelta(days=7),
        Calendar(), chat=chat, manner=manner,
    )  # fmt: skip
    await made.describe_cameras(HARBOUR.cameras)
    await made.add_events(SEEN)
    return made


@pytest.mark.parametrize(
    ("sure", "limit", "shown"),
    [(0.7, 2, ["e3", "e4"]), (0.7, 4, ["e3", "e4", "e1", "e2"]), (0.0, 2, ["e1", "e2"]),
     (0.95, 1, ["e1"])],
)  # fmt: skip
async def test_surer_events_show_first_where_only_descriptions_tell_and_no_count_changes(
    sure: float, limit: int, shown: list[str]
) -> None:
    reply = (await (await face(Manner(sure))).converse(ASKED, limit=limit)).reply
    assert ([each.id for each in reply.evidence], reply.value, reply.total) == (shown, 4, 4)
    plain = (await (await face(Manner(sure))).converse("how many cars today?", limit=1)).reply
    assert ([each.id for each in plain.evidence], plain.value) == (["e1"], 4)


async def test_what_was_said_long_ago_goes_while_its_conversation_goes_on() -> None:
    clock = HandClock(NOW)
    talk = await face(Manner(remembered=timedelta(days=5)), clock)
    thread = (await talk.converse("how many cars today?")).conversation.id
    await clock.advance(86_400 * 4)
    await talk.converse("how many cars on 14 May?", conversation_id=thread)
    await clock.advance(86_400 * 2)
    kept = await talk.history(thread)
    assert kept.messages[0].text == "how many cars on 14 May?"
    await talk.converse("and the boats?", conversation_id=thread)
    found = await talk.history(thread)
    assert (found.total, found.conversation.turns) == (4, 3)


async def test_a_model_gets_the_tokens_and_the_temperature_that_are_set() -> None:
    model = FakeChatModel("There were 4 cars today.")
    talk = await face(Manner(tokens=900, temperature=0.7), model=model)
    assert (await talk.converse("how many cars today?")).reply.model
    assert [(e.max_tokens, e.temperature) for e in model.options] == [(900, 0.7)]
