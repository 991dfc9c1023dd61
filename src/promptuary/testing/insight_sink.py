"""What every InsightSink promises. Subclass it and give it `sink` and `told` fixtures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import anyio
import pytest

from promptuary.ports.insight_sink import InsightSink
from promptuary.testing.contract import Contract

ToldSoFar: TypeAlias = Callable[[], Awaitable[list[dict[str, Any]]]]


@pytest.mark.anyio
class InsightSinkContract(Contract):
    """`told` gives what the other side has of `sink`."""

    async def test_what_is_told_arrives_whole(self, sink: InsightSink, told: ToldSoFar) -> None:
        message = {"insight_id": "a", "message": "zwölf Öfen ✓", "evidence": [{"n": 1.5}] * 50}
        await sink.tell("a", message)
        assert await told() == [message]

    async def test_several_at_once_all_arrive(self, sink: InsightSink, told: ToldSoFar) -> None:
        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(sink.tell, str(number), {"insight_id": str(number)})
        assert sorted(each["insight_id"] for each in await told()) == list("01234")

    async def test_closing_twice_is_harmless(self, sink: InsightSink) -> None:
        await sink.aclose()
        await sink.aclose()
