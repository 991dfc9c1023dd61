"""What every UnitOfWork promises. Subclass it, give it a `record` fixture, and you are done."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from promptuary.domain.documents import Content
from promptuary.domain.errors import Conflict, NotFound, Unsupported
from promptuary.domain.keys import ApiKey
from promptuary.ports.unit_of_work import Transaction, UnitOfWork
from promptuary.testing.record_conversations import ConversationsContract, EventsContract
from promptuary.testing.record_corrections import CorrectionsContract
from promptuary.testing.record_documents import DocumentsContract, document, passages, source
from promptuary.testing.record_evolution import EvolutionContract
from promptuary.testing.record_families import FamiliesContract
from promptuary.testing.record_intents import IntentsContract
from promptuary.testing.record_judgements import JudgementsContract
from promptuary.testing.record_leases import LeasesContract
from promptuary.testing.record_ledgers import LedgersContract
from promptuary.testing.record_library import LibraryContract, a_prompt, a_version, keep
from promptuary.testing.record_moves import MovesContract
from promptuary.testing.record_namings import NamingsContract
from promptuary.testing.record_noticing import NoticedContract
from promptuary.testing.record_originals import OriginalsContract
from promptuary.testing.record_prompts import PromptsContract
from promptuary.testing.record_reviews import ReviewsContract
from promptuary.testing.record_templates import TemplatesContract
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    TroubleError,
    an_id,
    broken_off,
    family,
    lineage,
    moment,
    new_prompt,
    save,
)


@pytest.mark.anyio
class UnitOfWorkContract(
    PromptsContract,
    TemplatesContract,
    FamiliesContract,
    IntentsContract,
    DocumentsContract,
    OriginalsContract,
    JudgementsContract,
    CorrectionsContract,
    ReviewsContract,
    NamingsContract,
    EvolutionContract,
    LibraryContract,
    EventsContract,
    ConversationsContract,
    MovesContract,
    NoticedContract,
    LeasesContract,
    LedgersContract,
):
    """`record` is an empty record database."""

    async def test_a_clean_exit_commits_everything(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await write_a_little_of_everything(tx)
        async with record.read() as tx:
            assert await found(tx) == [1] * 8

    async def test_an_exception_leaves_nothing_behind(self, record: UnitOfWork) -> None:
        with pytest.raises(TroubleError):
            await broken_off(record, write_a_little_of_everything)
        async with record.read() as tx:
            assert await found(tx) == [0] * 8

    async def test_a_cancelled_transaction_leaves_nothing_and_holds_nobody_up(
        self, record: UnitOfWork
    ) -> None:
        with anyio.CancelScope() as scope:
            async with record.begin() as tx:
                await write_a_little_of_everything(tx)
                scope.cancel()
                await anyio.lowlevel.checkpoint()
        await save(record, "after")
        async with record.read() as tx:
            assert await found(tx) == [1, *[0] * 7]

    async def test_cancelling_at_any_point_leaves_all_or_nothing(self, record: UnitOfWork) -> None:
        async def write() -> None:
            async with record.begin() as tx:
                await write_a_little_of_everything(tx)

        for turns in range(0, 60, 3):
            task = asyncio.ensure_future(write())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with record.read() as tx:
                assert await found(tx) in ([0] * 8, [1] * 8)

    async def test_a_transaction_sees_what_it_wrote(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await write_a_little_of_everything(tx)
            assert await found(tx) == [1] * 8

    async def test_a_reader_sees_one_moment_and_holds_no_writer_up(
        self, record: UnitOfWork
    ) -> None:
        await save(record, "before")
        async with record.read() as tx:
            assert (await tx.prompts.list()).total == 1
            await save(record, "meanwhile")
            assert (await tx.prompts.list()).total == 1
        async with record.read() as tx:
            assert (await tx.prompts.list()).total == 2

    async def test_a_writer_holds_no_reader_up(self, record: UnitOfWork) -> None:
        async with record.begin() as writing:
            await write_a_little_of_everything(writing)
            async with record.read() as tx:
                assert await found(tx) == [0] * 8

    async def test_a_reader_may_not_write(self, record: UnitOfWork) -> None:
        await save(record, "here")
        async with record.read() as tx:
            with pytest.raises(Unsupported):
                await tx.collections.mark_placed(HOME_ID, 1, expected=0)

    async def test_a_refused_write_leaves_the_transaction_usable(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await write_a_little_of_everything(tx)
            with pytest.raises(Conflict):
                await tx.keys.add(a_key())
            with pytest.raises(Conflict):
                await tx.prompts.add(HOME_ID, [new_prompt("another", key="hello")])
            await tx.prompts.add(HOME_ID, [new_prompt("more")])
        async with record.read() as tx:
            assert await found(tx) == [2, *[1] * 7]

    async def test_many_tasks_may_write_at_once(self, record: UnitOfWork) -> None:
        await asyncio.gather(*(save(record, f"prompt {i}") for i in range(50)))
        async with record.read() as tx:
            assert (await tx.prompts.list()).total == 50

    async def test_many_tasks_may_read_at_once(self, record: UnitOfWork) -> None:
        await save(record, "here")

        async def total() -> int:
            async with record.read() as tx:
                return (await tx.prompts.list()).total

        assert await asyncio.gather(*(total() for _ in range(60))) == [1] * 60

    async def test_it_answers_a_ping(self, record: UnitOfWork) -> None:
        await record.ping()

    async def test_closing_twice_is_harmless(self, record: UnitOfWork) -> None:
        await save(record, "here")
        await record.aclose()
        await record.aclose()

    async def test_a_collection_is_made_once(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            first = await tx.collections.ensure(HOME)
        async with record.begin() as tx:
            assert await tx.collections.ensure(HOME) == first
            assert await tx.collections.get(HOME) == first
        assert (first.id, first.last_seq, first.placed_seq) == (HOME_ID, 0, 0)

    async def test_an_unknown_collection_is_not_found(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            with pytest.raises(NotFound):
                await tx.collections.get("nowhere")
            with pytest.raises(NotFound):
                await tx.collections.mark_placed(an_id("nowhere"), 1, expected=0)

    async def test_collections_are_listed_by_name(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for name in ("b", "a", "é", "B"):
                await tx.collections.ensure(name)
        async with record.read() as tx:
            page = await tx.collections.list(limit=3)
            rest = await tx.collections.list(cursor=page.next_cursor)
        assert [each.name for each in (*page.items, *rest.items)] == ["B", "a", "b", "é"]
        assert (page.total, rest.next_cursor) == (4, None)

    async def test_of_two_placings_of_one_window_only_one_counts(self, record: UnitOfWork) -> None:
        await save(record, "a", "b")
        async with record.begin() as tx:
            await tx.collections.mark_placed(HOME_ID, 2, expected=0)
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.collections.mark_placed(HOME_ID, 1, expected=0)
        async with record.read() as tx:
            assert (await tx.collections.get(HOME)).placed_seq == 2


def a_key() -> ApiKey:
    """An API key like any other."""
    return ApiKey("key", "somebody", ("admin",), "digest", moment())


async def write_a_little_of_everything(tx: Transaction) -> None:
    """One row for each kind of thing."""
    collection = await tx.collections.ensure(HOME)
    await tx.prompts.add(collection.id, [new_prompt("hello")])
    await tx.templates.save_lineages([lineage("greeting", family="greetings")])
    await tx.families.save([family("greetings")])
    text = document(source("a.md"))
    held = tuple(passages(text, "x"))
    await tx.documents.replace([Content(source("a.md"), (text,), held)])
    await keep(tx, a_prompt("hello"), [a_version("hello")])
    await tx.outbox.add("prompt", [an_id("hello")])
    await tx.jobs.defer("place", {}, dedupe="greeting")
    await tx.replies.begin("reply", "digest")
    await tx.keys.add(a_key())


async def found(tx: Transaction) -> list[int]:
    """How many rows of each kind there are."""
    return [
        (await tx.prompts.list()).total,
        (await tx.templates.list()).total,
        (await tx.families.list()).total,
        (await tx.documents.every_passage()).total,
        len(await tx.outbox.after(0, limit=9)),
        (await tx.jobs.list()).total,
        (await tx.keys.list()).total,
        (await tx.library.every()).total,
    ]
