"""What changed goes out once, of the types asked for, and not when it is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from promptuary.api.telling import send_changes
from promptuary.canon.chronicle import Chronicle
from promptuary.delivering import Delivery
from promptuary.settings import Settings
from promptuary.testing.fakes.insight_sink import FakeInsightSink
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import event, found_lineages, lineage, moment

pytestmark = pytest.mark.anyio


async def test_each_change_of_the_last_month_is_told_once(tmp_path: Path) -> None:
    settings, record = Settings(service_name="s"), MemoryUnitOfWork()
    sink = FakeInsightSink()
    await found_lineages(record, lineage("one"))
    events = [
        event("old", "one"),
        event("new", "one", at=24 * 40),
        replace(event("born", "one", at=24 * 40), type="CREATED"),
    ]
    async with record.begin() as tx:
        await tx.evolution.replace([], events)
    send = partial(send_changes, Chronicle(record), settings)
    now = moment(24 * 41)
    assert await send(Delivery("x", sink, tmp_path), now) == 1
    assert await send(Delivery("x", sink, tmp_path), now + timedelta(days=1)) == 0
    (told,) = sink.told
    assert (told["service_name"], told["id"]) == ("s", events[1].id)
    assert told["event_type"] == "UPDATED"
    assert told["evidence"]["prompt_ids"] == []
