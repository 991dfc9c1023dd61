"""Two homes on one PostgreSQL and one index: neither puts what is old over what is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from outcomes import traffic

from promptuary import Promptuary
from promptuary.domain.found import Entry
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def homes(
    tmp_path: Path, postgresql_url: str, pgvector_url: str
) -> AsyncIterator[list[Promptuary]]:
    async with AsyncExitStack() as stack:
        places = {"database_url": postgresql_url, "index_url": pgvector_url}
        yield [
            await stack.enter_async_context(
                await Promptuary.open(settings=Settings(home=tmp_path / name, **places))
            )
            for name in ("one", "other")
        ]


async def test_a_slow_follower_does_not_undo_what_a_quick_one_wrote(
    homes: list[Promptuary], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = homes
    await slow.ingest(traffic(12))
    family = (await slow.families()).items[0]
    came, may_put, may_note = asyncio.Event(), asyncio.Event(), asyncio.Event()
    put, note = slow._index.put, quick._index.set_watermark

    async def held_up(entries: Sequence[Entry]) -> None:
        came.set()
        await may_put.wait()
        await put(entries)

    async def noted_late(position: int) -> None:
        await may_note.wait()
        await note(position)

    async with quick._follower._first._turn:  # both hear of a change; this is about the slow one
        monkeypatch.setattr(slow._index, "put", held_up)
        monkeypatch.setattr(quick._index, "set_watermark", noted_late)
        async with slow._record.begin() as tx:
            await tx.outbox.add("family", [family.id])
        first = asyncio.create_task(slow._follower.catch_up())
        await came.wait()
    await quick.corrections.rename(family.id, "renamed meanwhile")
    second = asyncio.create_task(quick._follower.catch_up())
    await asyncio.wait({second}, timeout=1)  # as far as it comes
    may_put.set()
    await first
    may_note.set()
    await second
    assert (await quick.verify_index()).clean
    found = await slow.search("renamed meanwhile", kinds=["family"])
    assert [hit.id for hit in found.hits][:1] == [family.id]
