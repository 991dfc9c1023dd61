"""Events of Frigate's HTTP API, against a fake of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promptuary.adapters.event_sources import frigate
from promptuary.adapters.event_sources.frigate import FrigateEventSource, connect
from promptuary.conversation.receiving import event_of
from promptuary.domain.errors import Unavailable
from promptuary.testing.event_source import (
    EventSourceContract,
    Send,
    frigate_review,
    frigate_row,
)
from promptuary.testing.fakes.frigate import FakeFrigate

AT = 1_747_200_000.0


@pytest.fixture
def upstream() -> Iterator[FakeFrigate]:
    with FakeFrigate([]) as fake:
        yield fake


class TestFrigateEventSource(EventSourceContract):
    @pytest.fixture
    def now(self) -> float:
        return round(time.time(), 3)

    @pytest.fixture
    async def source(self, upstream: FakeFrigate) -> AsyncIterator[FrigateEventSource]:
        opened = connect(f"frigate:{upstream.url}")
        opened.every = 0.01
        yield opened
        await opened.aclose()

    @pytest.fixture
    def send(self, upstream: FakeFrigate) -> Send:
        async def send(rows) -> None:
            kept = {row["id"]: row for row in upstream.rows}
            upstream.rows[:] = [dict(row) for row in (kept | {r["id"]: r for r in rows}).values()]

        return send


@pytest.mark.anyio
async def test_every_page_is_read_though_many_begin_at_once(
    upstream: FakeFrigate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frigate, "PAGE", 4)
    upstream.rows[:] = [frigate_row(n, AT + n // 3) for n in range(23)]
    source = connect(f"frigate:{upstream.url}")
    got = [row["id"] async for batch in source.past() for row in batch.rows]
    assert sorted(got) == sorted(row["id"] for row in upstream.rows)
    since, until = (datetime.fromtimestamp(AT + n, UTC) for n in (2, 5))
    some = [r async for b in source.past(since=since, until=until) for r in b.rows]
    assert {row["start_time"] for row in some} == {AT + 2, AT + 3, AT + 4}
    await source.aclose()


@pytest.mark.anyio
async def test_review_items_come_after_their_events_and_again_when_they_change(
    upstream: FakeFrigate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frigate, "REVIEWED_EVERY", 0.0)
    now = round(time.time(), 3)
    row, old = frigate_row(1, now), frigate_row(2, now - 200_000)
    upstream.rows[:] = [row, old]
    upstream.reviews[:] = [
        frigate_review(2, now - 199_999, [old["id"]], has_been_reviewed=True),
        frigate_review(1, now, [row["id"]], end_time=None),
        {"id": "no review", "start_time": now, "end_time": None, "has_been_reviewed": False},
    ]
    ids = [each["id"] for each in upstream.reviews[:2]]
    source = connect(f"frigate:{upstream.url}")
    source.every = 0.01
    past = [each["id"] async for batch in source.past() for each in batch.rows]
    assert past == [old["id"], row["id"], *ids]
    async with aclosing(source.live()) as batches:
        for wanted in (row["id"], ids[1]):
            batch = await anext(batches)
            await batch.taken()
            assert [each["id"] for each in batch.rows] == [wanted]
        upstream.reviews[1] |= {"severity": "detection"}
        (changed,) = (await anext(batches)).rows
        assert changed["severity"] == "detection"
    await source.aclose()


@pytest.mark.anyio
async def test_what_is_no_event_is_left_out(upstream: FakeFrigate) -> None:
    odd = {"id": "../x", "camera": "c", "label": "l", "start_time": AT, "end_time": None}
    upstream.rows[:] = [odd, frigate_row(1, AT)]
    source = connect(f"frigate:{upstream.url}")
    got = [row["id"] async for batch in source.past() for row in batch.rows]
    assert got == [frigate_row(1, AT)["id"]]
    await source.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["html", "500", "close", "not_json"])
async def test_what_goes_wrong_is_said_and_it_goes_on(upstream: FakeFrigate, fault: str) -> None:
    upstream.rows[:] = [frigate_row(1, AT)]
    source = connect(f"frigate:{upstream.url}")
    upstream.faults.append(fault)
    with pytest.raises(Unavailable):
        await anext(source.past())
    assert len((await anext(source.past())).rows) == 1
    await source.aclose()


def test_a_row_of_frigate_is_understood_to_the_last_member() -> None:
    event = event_of(frigate_row(7, AT, sub_label="rex"))
    assert (event.camera, event.label, event.sub_label, event.zones) == (
        "yard", "dog", "rex", ("lawn",)
    )  # fmt: skip
    assert (event.seconds, event.confidence, event.box) == (9.5, 0.71, (0.1, 0.2, 0.3, 0.4))
    assert event.description == "a small dog on the lawn"
    assert replace(event, clip=None).clip is None
