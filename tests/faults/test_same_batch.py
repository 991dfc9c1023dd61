"""The same batch many times at once has one effect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from another import another
from outcomes import outcome, traffic

from promptuary import Promptuary
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BATCH = traffic(12)
DISTINCT = len({prompt.text for prompt in BATCH})


async def once(home: Path) -> dict[str, Any]:
    async with await Promptuary.open(home) as opened:
        await opened.ingest(BATCH, batch_id="the same")
        return await outcome(opened)


def one_effect(accepted: Iterable[int]) -> bool:
    """One of them brought every text in; to the others all of it was known."""
    return sorted(accepted, reverse=True)[:2] == [DISTINCT, 0]


async def test_a_batch_sent_fifty_times_at_once_has_one_effect(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path / "crowd") as opened:
        sending = [opened.ingest(BATCH, batch_id="the same") for _ in range(50)]
        reports = await asyncio.gather(*sending)
        seen = await outcome(opened)
    assert one_effect(report.accepted for report in reports)
    assert seen == await once(tmp_path / "once")


async def test_a_batch_sent_by_five_processes_at_once_has_one_effect(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with AsyncExitStack() as stack:
        senders = [
            await stack.enter_async_context(
                another("same_batch", home=tmp_path / str(n), database_url=postgresql_url)
            )
            for n in range(5)
        ]
        assert [await sender.said() for sender in senders] == ["open"] * 5
        for sender in senders:
            await sender.go_on()
        reports = [report for sender in senders for report in await sender.said()]
    settings = Settings(home=tmp_path / "after", database_url=postgresql_url)
    async with await Promptuary.open(settings=settings) as opened:
        seen = await outcome(opened)
    assert len(reports) == 50
    assert one_effect(report["accepted"] for report in reports)
    assert seen == await once(tmp_path / "once")
