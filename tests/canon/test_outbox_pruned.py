"""The outbox forgets what every index at hand took in long ago, and no index misses anything."""

from __future__ import annotations

import pytest

from promptuary.canon import indexing
from promptuary.canon.indexing import Indexing, catch_up
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import save

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "KEPT", 5)


async def grown(record: MemoryUnitOfWork, start: int, stop: int) -> None:
    for number in range(start, stop):
        (saved,) = await save(record, f"text {number}")
        async with record.begin() as tx:
            await tx.outbox.add("prompt", [saved.prompt_id])


async def kept_rows(record: MemoryUnitOfWork) -> int:
    async with record.read() as tx:
        return len(await tx.outbox.after(0, limit=999))


def parts_of(record: MemoryUnitOfWork) -> Indexing:
    embedder = FakeEmbedder()
    return Indexing(record, FakeIndex(embedder.space), embedder)


async def test_the_outbox_stays_small_however_much_comes() -> None:
    record = MemoryUnitOfWork()
    parts = parts_of(record)
    for start in range(0, 60, 3):
        await grown(record, start, start + 3)
        await catch_up(parts)
        assert await kept_rows(record) <= 2 * indexing.KEPT + 3
    assert await parts.index.count() == 60


async def test_an_index_that_is_a_little_slower_goes_on_where_it_was() -> None:
    record = MemoryUnitOfWork()
    quick, slow = parts_of(record), parts_of(record)
    await grown(record, 0, 40)
    await catch_up(slow)
    await grown(record, 40, 44)
    await catch_up(quick)
    assert isinstance(slow.embedder, FakeEmbedder)
    before = len(slow.embedder.asked)
    await catch_up(slow)
    assert [len(texts) for texts in slow.embedder.asked[before:]] == [4]
    assert await slow.index.count() == 44


async def test_an_index_that_was_away_for_too_long_is_built_again() -> None:
    record = MemoryUnitOfWork()
    quick, slow = parts_of(record), parts_of(record)
    await grown(record, 0, 4)
    await catch_up(slow)
    for start in range(4, 64, 20):
        await grown(record, start, start + 20)
        await catch_up(quick)
    assert await kept_rows(record) < 60
    assert await catch_up(slow) == await quick.index.watermark()
    assert await slow.index.list_ids(limit=99) == await quick.index.list_ids(limit=99)
