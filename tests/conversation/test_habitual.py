"""Whether that is more than usual: by what the watch has learnt, or an honest no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW, event
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.domain.conversations import Reply
from promptuary.domain.events import Event
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CARS = "How many cars at the West Gate today?"


def days(first: int, last: int, each: int, camera: str, label: str) -> list[Event]:
    """So many an hour, for the six hours before this one, on each of those days before today."""
    return [
        replace(
            event(0, camera, label, hours=24 * day + hour + (n + 0.5) / each),
            id=f"{camera}-{day}-{hour}-{n}",
        )
        for day in range(first, last)
        for hour in range(6)
        for n in range(each)
    ]


@pytest.fixture(scope="module")
async def face() -> Conversing:
    made = Conversing(
        MemoryUnitOfWork(), HandClock(NOW), "Europe/Lisbon", timedelta(days=7), Calendar()
    )
    await made.describe_cameras(HARBOUR.cameras)
    await made.add_events([*days(1, 20, 2, "gate_w", "car"), *days(0, 1, 10, "gate_w", "car")])
    await made.add_events(days(1, 20, 2, "quay_main", "boat"))
    await made.add_events([event(n, "fish_hall", "cat", hours=1 + n) for n in range(3)])
    return made


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def after(face: Conversing, *questions: str) -> Reply:
    """The answer to the last of these, in one conversation."""
    thread: str | None = None
    for question in questions:
        turn = await face.converse(question, conversation_id=thread)
        thread = turn.conversation.id
    return turn.reply


@pytest.mark.parametrize(
    ("questions", "said", "value"),
    [
        ((CARS, "is that more than usual?"), "More than usual: 60 cars at West Gate today; ", 60),
        ((CARS, "Is that a lot?"), "More than usual: 60 cars", 60),
        ((CARS, "and how does that compare to other days?"), "More than usual: 60 cars", 60),
        ((CARS, "what about yesterday?", "is that normal?"), "As usual: 12 cars", 12),
        (("how many boats at the main quay today?", "is this unusual?"), "Fewer than usual: 0", 0),
        (("were there more cars than usual at the West Gate today?",), "More than usual: 60", 60),
        (("is the Main Quay quieter than usual?",), "Fewer than usual: 0 events", 0),
        (("Wie viele Autos gab es heute am West Gate?", "Ist das mehr als üblich?"),
         "Mehr als üblich: 60 Autos bei West Gate heute; üblich sind dann ", 60),
        (("¿Cuántos coches hubo hoy en West Gate?", "¿es normal?"), "Más de lo habitual: 60", 60),
        (("Bugün West Gate'te kaç araba vardı?", "bu normal mi?"), "Her zamankinden fazla: 60", 60),
    ],
)  # fmt: skip
async def test_a_count_is_set_against_what_is_usual(
    face: Conversing, questions: tuple[str, ...], said: str, value: int
) -> None:
    reply = await after(face, *questions)
    assert reply.text.startswith(said), reply.text
    assert (reply.value, reply.refused) == (value, None)
    observed, expected, low, high = (each.count for each in reply.breakdown)
    assert (observed, low <= expected <= high) == (value, True)
    assert (low <= observed <= high) == (said.startswith("As usual"))


async def test_it_says_from_when_on_that_was_learnt(face: Conversing) -> None:
    reply = await after(face, CARS, "is that more than usual?")
    assert reply.text.endswith("are usual then, learnt from 13 such days since 25 April 2025.")
    assert reply.understood.endswith("Is that as many as usual?")


async def test_the_conversation_goes_on_from_what_was_counted(face: Conversing) -> None:
    reply = await after(face, CARS, "is that more than usual?", "and yesterday?")
    assert reply.text == "12 cars at West Gate yesterday."


@pytest.mark.parametrize(
    ("questions", "why"),
    [
        (
            ("how many cats in the Fish Hall today?", "is that normal?"),
            "takes two days of the kind",
        ),
        (("how many cars at the West Gate?", "is that a lot?"), "Say of which day or hours"),
        (("how many red cars at the West Gate today?", "is that normal?"), ""),
        (("how many people at the ladder today?", "is that more than usual?"), "not of zones"),
    ],
)
async def test_what_is_not_known_to_be_usual_is_not_said(
    face: Conversing, questions: tuple[str, ...], why: str
) -> None:
    reply = await after(face, *questions)
    assert why in reply.text
    assert reply.refused in {"unanswerable", "not_understood"}
    assert reply.confidence == 0


async def test_nothing_of_a_camera_that_may_not_be_seen_is_usual(face: Conversing) -> None:
    asked = await face.converse("how many boats today?", cameras=["gate_w"])
    reply = (
        await face.converse(
            "is that more than usual?",
            cameras=["gate_w"],
            conversation_id=asked.conversation.id,
        )
    ).reply
    assert reply.breakdown[3].count == 0
    assert "Quay" not in repr(reply)
