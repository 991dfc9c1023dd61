"""What belongs to an event: in time, in space, in words; never of a camera that may not be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.guarded import HARBOUR, NOW
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.outside import Outside
from promptuary.conversation.related import overlap, wants_similar
from promptuary.domain.errors import NotFound
from promptuary.domain.events import Event
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork


def seen(id: str, camera: str, minutes: float, description: str, **more: object) -> Event:
    start = NOW - timedelta(minutes=minutes)
    return Event(id, camera, "person", start, description=description, **more)  # type: ignore[arg-type] # as given


SEEN = [
    seen("e", "gate_w", 600, "a courier with a yellow crate", zones=("barrier",), track="t"),
    seen("soon", "fish_hall", 599, "somebody asleep"),
    seen("track", "gate_w", 592, "walks off", track="t"),
    seen("place", "gate_w", 900, "two people talk", zones=("barrier",)),
    seen("alike", "quay_main", 9_000, "another courier with a yellow crate"),
    seen("far", "quay_main", 90_000, "a courier with a yellow crate"),
    seen("other", "playpen", 9_000, "children laughing loudly"),
]


@pytest.fixture(params=[True, False], ids=["with a model", "by words"])
async def face(request: pytest.FixtureRequest) -> Conversing:
    outside = Outside(embedder=FakeEmbedder(64) if request.param else None)
    life = timedelta(days=7)
    face = Conversing(MemoryUnitOfWork(), HandClock(NOW), "UTC", life, Calendar(), outside)
    await face.describe_cameras(HARBOUR.cameras)
    await face.add_events(SEEN)
    return face


@pytest.mark.anyio
async def test_each_relation_finds_what_it_is_about(face: Conversing) -> None:
    time = await face.related_events("e", relations=["temporal"])
    assert [(each.event.id, each.relation) for each in time] == [
        ("track", "temporal"), ("soon", "temporal")
    ]  # fmt: skip
    assert time[0].strength == 1.0
    place = await face.related_events("e", relations=["spatial"])
    assert [each.event.id for each in place] == ["place", "track"]
    words = await face.related_events("e", relations=["semantic"])
    assert words[0].event.id == "alike"
    assert "far" not in [each.event.id for each in words]
    everything = await face.related_events("e", limit=3)
    assert len({each.event.id for each in everything}) == 3
    assert [each.strength for each in everything] == sorted(
        (each.strength for each in everything), reverse=True
    )


@pytest.mark.anyio
async def test_nothing_of_a_forbidden_camera_is_related(face: Conversing) -> None:
    found = await face.related_events("e", cameras=["gate_w"])
    assert {each.event.camera for each in found} == {"gate_w"}
    for unseen in ("soon", "nobody"):
        with pytest.raises(NotFound):
            await face.related_events(unseen, cameras=["gate_w"])


@pytest.mark.anyio
async def test_a_turn_finds_what_is_similar_and_goes_on(face: Conversing) -> None:
    first = await face.converse("when was the last person at the west gate in the last 3 days?")
    again = first.conversation.id
    assert first.reply.evidence[0].id == "track"
    await face.converse("when was the first person at the west gate in the last 3 days?",
                        conversation_id=again)  # fmt: skip
    nothing = await face.converse("find similar")
    assert nothing.reply.refused == "not_understood"
    whole = await face.converse("list everything at the west gate in the last 11 hours")
    about = await face.converse("find similar ones", conversation_id=whole.conversation.id)
    assert about.reply.refused is None
    assert about.reply.evidence[0].id == "alike"
    assert about.reply.value == len(about.reply.evidence)
    seen_less = await face.converse(
        "anything like that?", conversation_id=whole.conversation.id, cameras=["fish_hall"]
    )
    assert "alike" not in [each.id for each in seen_less.reply.evidence]
    played = await face.converse("play the first one", conversation_id=about.conversation.id)
    assert played.reply.refused is None


@pytest.mark.parametrize(
    "question",
    ["find similar", "Find similar events", "show me similar ones", "anything like this?",
     "are there any related events?", "similares", "zeig mir ähnliche ereignisse",
     "benzer olayları göster", "Anything similar to this one?"],
)  # fmt: skip
def test_asking_for_what_is_similar_is_understood(question: str) -> None:
    assert wants_similar(question)


@pytest.mark.parametrize(
    "question",
    ["how many people like that came yesterday?", "similar number of cars yesterday?", "",
     "did anything happen at the gate?", "was there a person", "find the red car"],
)  # fmt: skip
def test_other_questions_are_left_alone(question: str) -> None:
    assert not wants_similar(question)


SIDES = st.floats(0, 1)


@given(one=st.tuples(SIDES, SIDES, SIDES, SIDES), other=st.tuples(SIDES, SIDES, SIDES, SIDES))
def test_overlap_is_a_share(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    found = overlap(one, other)  # type: ignore[arg-type]  # four of them
    assert 0 <= found <= 1.0001
    assert found == pytest.approx(overlap(other, one))  # type: ignore[arg-type]  # the same
