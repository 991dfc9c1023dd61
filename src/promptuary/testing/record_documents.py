"""What every record promises of documents and passages; part of the UnitOfWork contract."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from promptuary.domain.documents import (
    Content,
    Document,
    Holdings,
    Passage,
    Source,
    SourceStatus,
    source_id,
)
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.prompts import collection_id
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, HOME_ID, an_id, moment, walked


def source(
    name: str, *, root: str = "folder", home: str = HOME, status: SourceStatus = "read"
) -> Source:
    """The source of that name."""
    return Source(
        id=source_id(collection_id(home), root, name),
        collection=home,
        root=root,
        path=name,
        name=f"{root}/{name}",
        stamp="1:2",
        digest="d1",
        recipe="r1",
        status=status,
        updated_at=moment(2),
        code="" if status == "read" else "INVALID_INPUT",
        reason="" if status == "read" else "odd \x00 bytes",
    )


def document(of: Source, part: str = "", *, at: int = 0) -> Document:
    """A document of that source."""
    return Document(
        id=an_id(f"{of.id} {part}"),
        collection=of.collection,
        source=of.name + part,
        title=f"Title {part}",
        digest="d1",
        text="One \x00 two. Three \ud800 four.",
        created_at=moment(at),
        updated_at=moment(at),
        metadata={"format": "md", "size": 2.5},
    )


def passages(of: Document, *names: str) -> list[Passage]:
    """Passages of that document, each with an id that follows from its name."""
    return [
        Passage(
            id=an_id(f"{of.id} {name}"),
            document_id=of.id,
            collection=of.collection,
            source=of.source,
            title=of.title,
            seq=seq,
            text=of.text[seq : seq + 5],
            start=seq,
            end=seq + 5,
            headings=("One", "Two \ud800"),
            line=seq + 1,
            page=None if seq else 3,
            metadata=of.metadata,
        )
        for seq, name in enumerate(names)
    ]


@pytest.mark.anyio
class DocumentsContract(Contract):
    """`record` is an empty record database."""

    async def test_roots_are_those_of_the_sources_of_a_collection(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            assert await tx.documents.roots(HOME_ID) == []
            await tx.collections.ensure(HOME)
            await tx.documents.replace([Content(source("a.md")), Content(source("b.md"))])
            assert await tx.documents.roots(HOME_ID) == [source("a.md").root]
            assert await tx.documents.roots(an_id("elsewhere")) == []

    async def test_a_source_and_what_it_holds_come_back_as_they_were(
        self, record: UnitOfWork
    ) -> None:
        one = source("a.md")
        text, other = document(one), document(one, "!part")
        held = passages(text, "x", "y")
        assert await put(record, one, [text, other], held) == sorted(each.id for each in held)
        async with record.read() as tx:
            kept = replace(one, documents=2, passages=2, characters=2 * len(text.text))
            assert await tx.documents.source(one.id) == kept
            assert await tx.documents.manifest(HOME_ID, "folder") == {"a.md": kept}
            assert list(await tx.documents.within(one.id)) == [text, other]
            assert await tx.documents.get(text.id) == text
            assert list(await tx.documents.passages_of(text.id)) == held
            assert list(await tx.documents.passages_of(text.id, first=1)) == held[1:]
            assert list(await tx.documents.passages_of(text.id, limit=1)) == held[:1]

    async def test_replacing_tells_which_passages_came_and_went(self, record: UnitOfWork) -> None:
        one = source("a.md")
        text = document(one)
        before = passages(text, "stays", "goes")
        await put(record, one, [text], before)
        after = passages(text, "comes", "stays")
        told = await put(record, replace(one, digest="d2"), [text], after)
        assert told == sorted([before[1].id, after[0].id])
        async with record.read() as tx:
            assert list(await tx.documents.passages_of(text.id)) == after
            assert (await tx.documents.source(one.id)).digest == "d2"

    async def test_a_document_keeps_when_it_was_first_read(self, record: UnitOfWork) -> None:
        one = source("a.md")
        await put(record, one, [document(one, at=1)], [])
        await put(record, one, [document(one, at=7)], [])
        async with record.read() as tx:
            (kept,) = await tx.documents.within(one.id)
        assert (kept.created_at, kept.updated_at) == (moment(1), moment(7))

    async def test_what_is_replaced_is_gone(self, record: UnitOfWork) -> None:
        one = source("a.md")
        old = document(one, "old")
        held = passages(old, "x")
        await put(record, one, [old], held)
        await put(record, replace(one, status="failed"), [], [])
        async with record.read() as tx:
            with pytest.raises(NotFound):
                await tx.documents.get(old.id)
            assert list(await tx.documents.passages([held[0].id])) == []
            assert await tx.documents.holdings() == Holdings(failed=1)

    async def test_a_removed_source_takes_everything_with_it(self, record: UnitOfWork) -> None:
        one, two = source("a.md"), source("b.md")
        for each in (one, two):
            await put(record, each, [document(each)], passages(document(each), "x", "y"))
        async with record.begin() as tx:
            gone = await tx.documents.remove([one.id, an_id("nobody"), "no uuid"])
        assert sorted(gone) == sorted(each.id for each in passages(document(one), "x", "y"))
        async with record.read() as tx:
            with pytest.raises(NotFound):
                await tx.documents.source(one.id)
            assert list(await tx.documents.passages_of(document(one).id)) == []
            assert (await tx.documents.holdings()).passages == 2

    async def test_a_manifest_holds_one_root_of_one_collection(self, record: UnitOfWork) -> None:
        sources = [source("a"), source("a", root="other"), source("a", home="elsewhere")]
        for each in sources:
            await put(record, each, [], [])
        async with record.read() as tx:
            assert list(await tx.documents.manifest(HOME_ID, "folder")) == ["a"]
            assert list(await tx.documents.manifest(HOME_ID, "folder", only="a")) == ["a"]
            assert await tx.documents.manifest(HOME_ID, "folder", only="b") == {}
            assert await tx.documents.manifest(HOME_ID, "nowhere") == {}
            assert await tx.documents.manifest("no uuid", "folder") == {}

    async def test_a_new_stamp_changes_nothing_else(self, record: UnitOfWork) -> None:
        one = source("a.md")
        await put(record, one, [], [])
        async with record.begin() as tx:
            await tx.documents.restamp({one.id: "9:9", an_id("nobody"): "1"})
        async with record.read() as tx:
            assert await tx.documents.source(one.id) == replace(one, stamp="9:9")

    async def test_sources_are_listed_by_name(self, record: UnitOfWork) -> None:
        names = ["b", "a", "é", "B", "two\nlines \ud800"]
        for name in names:
            await put(record, source(name, status="failed" if name == "a" else "read"), [], [])
        await put(record, source("c", home="elsewhere"), [], [])
        async with record.read() as tx:
            got = await walked(lambda at: tx.documents.list(HOME_ID, cursor=at, limit=2))
            failed = await tx.documents.list(status="failed")
            everywhere = await tx.documents.list()
        assert [each.path for each in got] == ["B", "a", "b", "two\nlines \ud800", "é"]
        assert ([each.path for each in failed.items], failed.total) == (["a"], 1)
        assert everywhere.total == 6

    async def test_passages_come_in_the_order_asked(self, record: UnitOfWork) -> None:
        one = source("a.md")
        held = passages(document(one), "x", "y", "z")
        await put(record, one, [document(one)], held)
        async with record.read() as tx:
            asked = [held[2].id, an_id("nobody"), "no uuid", held[0].id]
            assert list(await tx.documents.passages(asked)) == [held[2], held[0]]
            assert list(await tx.documents.passages([])) == []

    async def test_every_passage_is_walked_through_once(self, record: UnitOfWork) -> None:
        for name, home in (("a", HOME), ("b", HOME), ("c", "elsewhere")):
            one = source(name, home=home)
            await put(record, one, [document(one)], passages(document(one), *"vwxyz"))
        async with record.read() as tx:
            got = await walked(lambda at: tx.documents.every_passage(cursor=at, limit=4))
            here = await tx.documents.every_passage(HOME_ID, limit=50)
        assert len({each.id for each in got}) == len(got) == 15
        assert (len(here.items), here.total) == (10, 10)

    async def test_holdings_are_counted_by_collection(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            assert await tx.documents.holdings() == Holdings()
        one, other = source("a"), source("b", home="elsewhere")
        text = document(one)
        await put(record, one, [text], passages(text, "x", "y"))
        await put(record, other, [], [])
        await put(record, source("c", status="empty"), [], [])
        async with record.read() as tx:
            assert await tx.documents.holdings(HOME_ID) == Holdings(
                read=1, empty=1, documents=1, passages=2, characters=len(text.text)
            )
            assert (await tx.documents.holdings()).read == 2

    async def test_many_sources_are_replaced_at_once(self, record: UnitOfWork) -> None:
        contents = []
        for name in "cab":
            text = document(source(name))
            contents.append(Content(source(name), (text,), tuple(passages(text, "x", "y"))))
        async with record.begin() as tx:
            await tx.collections.ensure(HOME)
            await tx.documents.replace(contents)
        async with record.begin() as tx:
            assert list(await tx.documents.replace(contents)) == []
            assert list(await tx.documents.replace([])) == []
        async with record.read() as tx:
            assert (await tx.documents.holdings()).passages == 6

    async def test_a_passage_without_its_document_is_refused(self, record: UnitOfWork) -> None:
        one = source("a.md")
        with pytest.raises(Conflict):
            await put(record, one, [], passages(document(one), "x"))

    async def test_a_source_of_no_collection_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.documents.replace([Content(source("a.md"))])

    async def test_an_id_that_is_none_is_refused_or_not_found(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            await put(record, replace(source("a.md"), id="no uuid"), [], [])
        async with record.read() as tx:
            for look in (tx.documents.get, tx.documents.source):
                with pytest.raises(NotFound):
                    await look("no uuid")

    async def test_of_two_that_replace_at_once_one_wins_whole(self, record: UnitOfWork) -> None:
        one = source("a.md")
        text = document(one)
        mine, theirs = passages(text, "1", "2", "3"), passages(text, "4", "5")
        await put(record, one, [], [])
        await asyncio.gather(*(put(record, one, [text], each) for each in (mine, theirs) * 3))
        async with record.read() as tx:
            held = await tx.documents.passages_of(text.id)
            assert list(held) in (mine, theirs)
            assert (await tx.documents.source(one.id)).passages == len(held)


async def put(
    record: UnitOfWork, of: Source, documents: Sequence[Document], held: Sequence[Passage]
) -> Sequence[str]:
    """Replace what a source holds, in a transaction of its own."""
    async with record.begin() as tx:
        for home in (HOME, "elsewhere"):
            await tx.collections.ensure(home)
        return await tx.documents.replace([Content(of, tuple(documents), tuple(held))])
