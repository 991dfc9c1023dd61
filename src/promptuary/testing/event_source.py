"""What every EventSource promises. Subclass it and give it a `source` and a `send` fixture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

import anyio
import pytest

from promptuary.domain.errors import Unsupported
from promptuary.domain.incoming import Batch
from promptuary.ports.event_source import EventSource
from promptuary.testing.contract import Contract

Send: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], Coroutine[Any, Any, None]]
PATIENCE = 60.0


def frigate_row(number: int, at: float, **more: object) -> dict[str, Any]:
    """An event as Frigate writes it, `at` seconds since 1970."""
    return {
        "id": f"{at:.6f}-row{number}", "camera": "yard", "label": "dog", "sub_label": None,
        "start_time": at, "end_time": at + 9.5, "false_positive": None, "zones": ["lawn"],
        "thumbnail": None, "has_clip": True, "has_snapshot": False, "plus_id": None,
        "retain_indefinitely": False, "model_hash": None, "detector_type": "cpu",
        "model_type": "ssd",
        "data": {"box": [0.1, 0.2, 0.3, 0.4], "region": [0, 0, 320, 320], "score": 0.71,
                 "top_score": 0.8, "attributes": [], "type": "object",
                 "description": "a small dog on the lawn", "max_severity": "detection"},
        **more,
    }  # fmt: skip


def frigate_review(number: int, at: float, events: Sequence[str], **more: object) -> dict[str, Any]:
    """A review item as Frigate writes it, `at` seconds since 1970, about those events."""
    return {
        "id": f"{at:.6f}-rev{number}", "camera": "yard", "start_time": at, "end_time": at + 30.0,
        "has_been_reviewed": False, "severity": "alert", "thumb_path": "/media/frigate/x.webp",
        "data": {"detections": list(events), "objects": ["dog"], "sub_labels": [],
                 "zones": ["lawn"], "audio": []},
        **more,
    }  # fmt: skip


@pytest.mark.anyio
class EventSourceContract(Contract):
    """`send` makes rows of `frigate_row` known to `source`, which is empty; `now` is a moment at
    which they may begin."""

    async def test_what_is_sent_comes(self, source: EventSource, send: Send, now: float) -> None:
        rows = [frigate_row(n, now + n) for n in range(3)]
        got = await self.heard(source, send, rows, [row["id"] for row in rows])
        assert {row["id"] for row in got} == {row["id"] for row in rows}
        assert {row["camera"] for row in got} == {"yard"}

    async def test_an_end_comes_after_its_beginning(
        self, source: EventSource, send: Send, now: float
    ) -> None:
        begun = frigate_row(1, now, end_time=None)
        ended = {**begun, "end_time": now + 5}
        async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
            group.start_soon(send, [begun])
            first = await self.next_about(batches, begun["id"])
            assert first["end_time"] is None
            group.start_soon(send, [ended])
            while (await self.next_about(batches, begun["id"]))["end_time"] is None:
                continue

    async def test_what_was_not_taken_comes_again(
        self, source: EventSource, send: Send, now: float
    ) -> None:
        row = frigate_row(1, now)
        async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
            group.start_soon(send, [row])
            with anyio.fail_after(PATIENCE):
                batch = await anext(batches)
                assert [each["id"] for each in batch.rows] == [row["id"]]
        async with aclosing(source.live()) as batches:
            await self.next_about(batches, row["id"])

    async def test_the_past_is_told_once_or_not_at_all(
        self, source: EventSource, send: Send, now: float
    ) -> None:
        rows = [frigate_row(n, now + n) for n in range(4)]
        await send(rows)
        got: list[str] = []
        try:
            async with aclosing(source.past()) as batches:
                async for batch in batches:
                    got += [row["id"] for row in batch.rows]
        except Unsupported:
            return
        assert got == [row["id"] for row in rows]

    async def test_closing_twice_is_harmless(self, source: EventSource) -> None:
        await source.aclose()
        await source.aclose()

    async def heard(
        self,
        source: EventSource,
        send: Send,
        rows: Sequence[Mapping[str, Any]],
        wanted: Sequence[str],
    ) -> list[Mapping[str, Any]]:
        """What came, taken, until all that is wanted was there."""
        got: list[Mapping[str, Any]] = []
        async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
            group.start_soon(send, rows)
            with anyio.fail_after(PATIENCE):
                while not {row["id"] for row in got} >= set(wanted):
                    batch = await anext(batches)
                    await batch.taken()
                    got += batch.rows
        return got

    async def next_about(self, batches: AsyncGenerator[Batch, None], id: str) -> Mapping[str, Any]:
        """The next row about that event, taken."""
        with anyio.fail_after(PATIENCE):
            while True:
                batch: Batch = await anext(batches)
                await batch.taken()
                if found := [row for row in batch.rows if row["id"] == id]:
                    return found[-1]
