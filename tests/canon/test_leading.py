"""Two processes follow one record into one index: what is old never stays over what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from promptuary.canon import leading
from promptuary.canon.catching_up import Follower
from promptuary.canon.indexing import Draft, Indexing, drafts_of, entries_for
from promptuary.canon.leading import Lead
from promptuary.canon.verifying import repair, verify
from promptuary.domain.errors import LeaseLost, Unavailable
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space
from promptuary.ports._outbox import OutboxRow
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import an_id, family, save

pytestmark = pytest.mark.anyio

LONG = timedelta(hours=1)


class Shared(FakeIndex):
    """One opening of a fake index that others have open too; its writes can be held up."""

    def __init__(self, space: Space, other: Shared | None = None) -> None:
        super().__init__(space)
        if other is not None:
            self._kept = other._kept
        self.came = asyncio.Event()
        self.may_put, self.may_note = asyncio.Event(), asyncio.Event()
        self.may_put.set()
        self.may_note.set()

    async def place(self) -> str:
        return "here"

    async def put(self, entries: Sequence[Entry]) -> None:
        self.came.set()
        await self.may_put.wait()
        await super().put(entries)

    async def set_watermark(self, position: int) -> None:
        self.came.set()
        await self.may_note.wait()
        await super().set_watermark(position)


class Process:
    """A follower with an opening of its own."""

    def __init__(
        self, record: UnitOfWork, name: str, other: Process | None = None, lease: timedelta = LONG
    ) -> None:
        embedder = FakeEmbedder()
        self.index = Shared(embedder.space, other.index if other else None)
        self.parts = Indexing(record, self.index, embedder)
        self.lead = Lead(record, self.index, name, lease)
        self.follower = Follower(self.parts, self.lead)


async def named(record: UnitOfWork, name: str) -> None:
    """The family is called that from now on."""
    async with record.begin() as tx:
        await tx.families.save([replace(family("greetings"), name=name)])
        await tx.outbox.add("family", [an_id("greetings")])


async def name_in(process: Process) -> str:
    (entry,) = await process.index.get([an_id("greetings")])
    return str(entry.texts["title"])


@pytest.fixture
async def record(monkeypatch: pytest.MonkeyPatch) -> UnitOfWork:
    monkeypatch.setattr(leading, "POLL_SECONDS", 0)
    record = MemoryUnitOfWork()
    await save(record, "hello")
    await named(record, "old")
    return record


async def test_who_read_the_record_earlier_does_not_come_later_to_the_index(
    record: UnitOfWork,
) -> None:
    slow = Process(record, "slow")
    quick = Process(record, "quick", slow)
    slow.index.may_put.clear()
    quick.index.may_note.clear()
    first = asyncio.create_task(slow.follower.catch_up())
    await slow.index.came.wait()
    await named(record, "new")
    second = asyncio.create_task(quick.follower.catch_up())
    for _ in range(200):  # as far as it comes, which is not to the index
        await asyncio.sleep(0)
    slow.index.may_put.set()
    await first
    quick.index.may_note.set()
    await second
    assert await name_in(quick) == "new"
    assert (await verify(quick.parts)).clean


async def test_what_came_after_its_lease_was_lost_is_written_again(record: UnitOfWork) -> None:
    stopped = Process(record, "stopped", lease=timedelta(0))
    other = Process(record, "other", stopped)
    stopped.index.may_put.clear()
    late = asyncio.create_task(stopped.follower.catch_up())
    await stopped.index.came.wait()
    await named(record, "new")
    await other.follower.catch_up()
    assert await name_in(other) == "new"
    stopped.index.may_put.set()
    await late
    assert await name_in(other) == "new"
    assert (await verify(other.parts)).clean


async def test_what_one_wrote_that_was_killed_before_it_could_say_so_is_found_and_mended(
    record: UnitOfWork,
) -> None:
    """Stopped between its look at the lease and its write, and killed right after that."""
    killed = Process(record, "killed", lease=timedelta(0))
    other = Process(record, "other", killed)
    killed.index.may_put.clear()
    late = asyncio.create_task(killed.follower.catch_up())
    await killed.index.came.wait()
    await named(record, "new")
    await other.follower.catch_up()
    (old,) = await entries_for(killed.parts.embedder, [await draft_of(record, "old")])
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(late, 10)
    await FakeIndex.put(other.index, [old])  # its write, and nobody is there to announce it
    assert await name_in(other) == "old"
    found = await verify(other.parts)
    assert found.examples == {"value": (an_id("greetings"),)}
    assert (await repair(other.parts)).clean
    assert await name_in(other) == "new"


async def draft_of(record: UnitOfWork, name: str) -> Draft:
    """The entry of the family as it was under that name."""
    async with record.read() as tx:
        drafts, _ = await drafts_of(tx, [OutboxRow(0, "family", an_id("greetings"))])
    return replace(drafts[0], texts={**drafts[0].texts, "title": name})


async def test_who_finds_the_index_level_takes_no_lease(record: UnitOfWork) -> None:
    one = Process(record, "one")
    other = Process(record, "other", one)
    await one.follower.catch_up()
    async with one.lead.taken():
        await asyncio.wait_for(other.follower.catch_up(), 10)


async def test_a_rebuild_waits_for_its_turn(record: UnitOfWork) -> None:
    one = Process(record, "one")
    other = Process(record, "other", one)
    async with one.lead.taken() as fence:
        rebuilding = asyncio.create_task(other.follower.rebuild())
        for _ in range(50):
            await asyncio.sleep(0)
        assert not other.index.came.is_set()
        assert fence is not None
        await fence.extend()
    await rebuilding
    assert await name_in(other) == "old"


async def test_after_a_kill_the_same_home_goes_on_at_once_and_fences_its_past_off(
    record: UnitOfWork,
) -> None:
    killed = Process(record, "home")
    again = Process(record, "home", killed)
    async with killed.lead.taken() as past:
        assert past is not None
        await asyncio.wait_for(again.follower.catch_up(), 10)
        with pytest.raises(LeaseLost):
            async with past.around([("family", an_id("greetings"))]):
                raise AssertionError("nothing may be written any more")
    assert await name_in(again) == "old"


async def test_a_write_that_failed_is_not_in_doubt_while_the_lease_is_held(
    record: UnitOfWork,
) -> None:
    one = Process(record, "one")
    one.index.away = True
    with pytest.raises(Unavailable):
        await one.follower.catch_up()
    one.index.away = False
    async with record.read() as tx:
        before = await tx.outbox.last()
    await one.follower.catch_up()
    async with record.read() as tx:
        assert await tx.outbox.last() == before
