"""Events by what their descriptions say: filter first, then words and meaning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW
from promptuary.conversation import searching
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.outside import Outside
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Event, EventFilter
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio


def seen(key: str, camera: str, days: float, description: str | None, label: str) -> Event:
    return Event(key, camera, label, NOW - timedelta(days=days), description=description)


SEEN = [
    seen("crate", "gate_w", 1, "a courier carries a yellow crate", "person"),
    seen("old", "gate_w", 9, "a courier carried a yellow crate", "person"),
    seen("quay", "quay_main", 1, "couriers rest on a crate", "person"),
    seen("van", "gate_w", 1.01, "a van leaves", "truck"),
    seen("quay2", "quay_main", 2, "people rest", "person"),
    seen("mute", "gate_w", 1.02, None, "truck"),
]


@pytest.fixture(params=[True, False], ids=["with a model", "by words"])
async def face(request: pytest.FixtureRequest) -> Conversing:
    outside = Outside(embedder=FakeEmbedder(64) if request.param else None)
    life = timedelta(days=7)
    face = Conversing(MemoryUnitOfWork(), HandClock(NOW), "UTC", life, Calendar(), outside)
    await face.describe_cameras(HARBOUR.cameras)
    await face.add_events(SEEN)
    return face


async def test_the_nearest_description_comes_first(face: Conversing) -> None:
    found = await face.search_events("a courier who carries a yellow crate")
    assert [each.event.id for each in found][:2] == ["crate", "old"]
    assert {each.event.id for each in found} == {"crate", "old", "quay"}
    assert all(0 < each.score < 1 for each in found)


async def test_what_stands_around_an_event_tells_of_it_and_is_found_with_it(
    face: Conversing,
) -> None:
    second = 1 / 86_400
    await face.add_events(
        [
            seen("alone", "gate_w", 20, "she waves again", "person"),
            seen("again", "quay_main", 30, "she waves again", "person"),
            seen("boat", "quay_main", 30 + 40 * second, "from a green boat", "boat"),
            seen("silent", "quay_main", 30 + 5 * second, None, "boat"),
            seen("later", "quay_main", 30 - 90 * second, "nobody is there", "boat"),
            seen("other", "gate_w", 30, "nobody is there", "boat"),
            seen("end", "quay_main", 30 - 20 * second, "that one leaves", "boat"),
        ]
    )
    found = [e.event.id for e in await face.search_events("somebody waves from a green boat")]
    assert found.index("again") < found.index("alone")
    assert set(found) == {"alone", "again", "boat", "end"}
    people = EventFilter(labels=("person",))
    only = await face.search_events("somebody waves from a green boat", where=people)
    assert {e.event.id for e in only} == {"alone", "again"}


async def test_a_camera_and_a_day_are_conditions_and_then_a_label_is_too(face: Conversing) -> None:
    title = HARBOUR.camera("gate_w").title  # type: ignore[union-attr] # it is there
    found = await face.search_events(f"yellow crate on {title} yesterday")
    assert [each.event.id for each in found] == ["crate"]
    trucks = await face.search_events(f"show truck footage, {title}, yesterday")
    assert {each.event.id for each in trucks} == {"van", "mute"}


async def test_a_label_alone_and_a_part_of_a_name_are_only_words(face: Conversing) -> None:
    found = await face.search_events("a person in the hall with a crate")
    assert {each.event.id for each in found} == {"crate", "old", "quay"}


async def test_nothing_of_another_camera_is_found(face: Conversing) -> None:
    assert [e.event.id for e in await face.search_events("a crate", cameras=["quay_main"])] == [
        "quay"
    ]
    only = EventFilter(cameras=("gate_w",))
    assert await face.search_events("a crate", where=only, cameras=["quay_main"]) == []
    assert await face.search_events("a crate", cameras=[]) == []


async def test_common_words_find_what_holds_all_of_them(
    face: Conversing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "COMMON", 1)
    found = await face.search_events("yellow crate")
    assert {each.event.id for each in found} == {"crate", "old"}


@pytest.mark.parametrize("text", ["", "  ", "x" * 4_001])
async def test_an_empty_or_endless_text_is_refused(face: Conversing, text: str) -> None:
    with pytest.raises(InvalidInput):
        await face.search_events(text)


async def test_what_no_description_holds_finds_nothing(face: Conversing) -> None:
    assert await face.search_events("xyzzy “'\" OR * NEAR(") == []


async def test_how_words_are_weighed_tells_nothing_of_another_camera(face: Conversing) -> None:
    mine = ["quay_main"]
    before = await face.search_events("crate rest", cameras=mine)
    more = [seen(f"n{n}", "gate_w", 1, "rest rest crate", "person") for n in range(9)]
    await face.add_events(more)
    assert await face.search_events("crate rest", cameras=mine) == before
