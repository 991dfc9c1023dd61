"""Events as they come: written before they are acknowledged, whatever goes away meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import anyio
import pytest

from conversation.guarded import NOW
from promptuary.conversation import listening
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.outside import Outside
from promptuary.domain.errors import Unavailable
from promptuary.domain.incoming import Heard
from promptuary.testing.event_source import frigate_review, frigate_row
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.event_source import FakeEventSource
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
AT = NOW.timestamp() - 600


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_WAIT", 0.001)


@pytest.fixture
def source() -> FakeEventSource:
    return FakeEventSource()


@pytest.fixture
def face(source: FakeEventSource) -> Conversing:
    async def opened(url: str) -> FakeEventSource:
        return source

    outside = Outside(source=opened)
    life = timedelta(days=7)
    return Conversing(MemoryUnitOfWork(), HandClock(NOW), "UTC", life, Calendar(), outside)


async def listening_until(face: Conversing, enough: Callable[[Heard], bool]) -> Heard:
    """What was heard when it was enough."""
    last = Heard()
    with anyio.fail_after(60), anyio.CancelScope() as scope:

        def told(heard: Heard) -> None:
            nonlocal last
            last = heard
            if enough(heard):
                scope.cancel()

        await face.listen("fake:", told=told)
    return last


async def test_what_comes_is_there_and_bad_ones_stop_nobody(
    face: Conversing, source: FakeEventSource
) -> None:
    far = frigate_row(3, NOW.timestamp() + 10 * 86_400)
    await source.send([frigate_row(1, AT), {"id": "x"}, far, frigate_row(2, AT)])
    heard = await listening_until(face, lambda heard: heard.messages == 4)
    assert (heard.new, heard.refused) == (2, 2)
    assert "future" in heard.reason or "still to come" in heard.reason
    assert (await face.events()).total == 2
    assert not source.waiting


async def test_a_source_that_went_away_is_waited_for(
    face: Conversing, source: FakeEventSource
) -> None:
    source.away = True

    def back(heard: Heard) -> bool:
        if heard.away and source.away:
            source.away = False
            source.waiting.append(frigate_row(1, AT))
        return heard.new == 1

    assert (await listening_until(face, back)).away == ""


async def test_nothing_is_acknowledged_while_the_record_is_away(
    face: Conversing, source: FakeEventSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, tried = face.add_events, 0

    async def failing(rows, **how):
        nonlocal tried
        tried += 1
        if tried <= 3:
            assert len(source.waiting) == 1
            raise Unavailable("the record is away")
        return await add(rows, **how)

    monkeypatch.setattr(face, "add_events", failing)
    await source.send([frigate_row(1, AT)])
    heard = await listening_until(face, lambda heard: heard.new == 1)
    assert (heard.messages, tried, len(source.waiting)) == (1, 4, 0)


async def test_the_same_again_and_late_messages_change_nothing(
    face: Conversing, source: FakeEventSource
) -> None:
    begun, ended = frigate_row(1, AT, end_time=None), frigate_row(1, AT)
    await source.send([{"after": begun}, {"after": ended}, {"after": begun}, {"after": ended}])
    await listening_until(face, lambda heard: heard.messages == 4)
    (event,) = (await face.events()).items
    assert event.seconds == 9.5


async def test_what_is_found_out_later_is_added(face: Conversing, source: FakeEventSource) -> None:
    row = frigate_row(1, AT, data={})
    await source.send([
        row,
        {"type": "description", "id": row["id"], "description": "a terrier with a ball"},
        {"type": "face", "id": row["id"], "name": "rex", "score": 0.9},
        {"type": "description", "id": "nobody", "description": "x"},
    ])  # fmt: skip
    heard = await listening_until(face, lambda heard: heard.messages == 4)
    (event,) = (await face.events()).items
    assert (event.description, event.sub_label) == ("a terrier with a ball", "rex")
    assert (heard.refused, heard.reason) == (1, "nobody: no event of that id came yet")


async def test_a_review_item_says_how_severe_its_events_are(
    face: Conversing, source: FakeEventSource
) -> None:
    rows = [frigate_row(n, AT + n) for n in range(2)]
    ids = [row["id"] for row in rows]
    begun = frigate_review(1, AT, ids, severity="detection", end_time=None)
    ended = frigate_review(1, AT, [*ids, "late"])
    await source.send([
        *rows,
        {"type": "new", "before": begun, "after": begun},
        {"type": "end", "before": begun, "after": ended},
        frigate_review(2, AT, ["nobody"]),
    ])  # fmt: skip
    heard = await listening_until(face, lambda heard: heard.messages == 5)
    told = {"review_id": begun["id"], "severity": "alert", "reviewed": False}
    assert [event.metadata for event in (await face.events()).items] == [told, told]
    assert (heard.new, heard.refused) == (2, 1)
    assert "none of its events came" in heard.reason


async def test_what_came_while_nobody_listened_comes_first(
    face: Conversing, source: FakeEventSource
) -> None:
    await face.add_events([frigate_row(1, AT)])
    source.kept = {str(n): frigate_row(n, AT + n) for n in range(-9_000, 5, 1_000)}
    heard = await listening_until(face, lambda heard: heard.messages > 0)
    assert heard.messages == 4  # the last hour before the last event, not everything


async def test_a_past_is_imported_once(face: Conversing, source: FakeEventSource) -> None:
    await source.send([frigate_row(n, AT + n) for n in range(5)])
    first = await face.import_from("fake:", since=NOW - timedelta(days=1))
    again = await face.import_from("fake:")
    assert (first.new, again.new, again.same) == (5, 0, 5)
    assert json.dumps(first.messages) == "5"
