"""What every record promises of originals; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.documents import Content, Document, Original, Source, document_id, source_id
from promptuary.domain.errors import NotFound
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, HOME_ID, an_id, moment

FIRST, SECOND = Original("aa/first", "a" * 64, 3), Original("bb/second", "b" * 64, 5)


def content(original: Original, path: str = "a.md") -> Content:
    """A source that was read from that original, and its document."""
    own = source_id(HOME_ID, "/notes", path)
    source = Source(
        id=own,
        collection=HOME,
        root="/notes",
        path=path,
        name=f"notes/{path}",
        stamp="1",
        digest=original.digest,
        recipe="1",
        status="read",
        updated_at=moment(1),
    )
    document = Document(
        id=document_id(own, ""),
        collection=HOME,
        source=source.name,
        title="A",
        digest=original.digest,
        text="A",
        created_at=moment(1),
        updated_at=moment(1),
    )
    return Content(source, (document,))


async def kept(record: UnitOfWork, original: Original, path: str = "a.md") -> Content:
    """A source with its original, written in one transaction."""
    written = content(original, path)
    async with record.begin() as tx:
        await tx.collections.ensure(HOME)
        await tx.originals.expect([original], moment(24))
        await tx.documents.replace([written])
        await tx.originals.attach({written.source.id: original.blob}, moment(2))
    return written


@pytest.mark.anyio
class OriginalsContract(Contract):
    """`record` is an empty record database."""

    async def test_an_original_is_found_by_its_source_and_by_its_document(
        self, record: UnitOfWork
    ) -> None:
        written = await kept(record, FIRST)
        async with record.read() as tx:
            for id_ in (written.source.id, written.documents[0].id):
                assert await tx.originals.of(id_) == replace(FIRST, source="notes/a.md")
            for nobody in (an_id("nobody"), "no id"):
                with pytest.raises(NotFound):
                    await tx.originals.of(nobody)
            assert await tx.originals.stray(moment(99)) == []

    async def test_what_was_replaced_is_stray_until_it_is_dropped(self, record: UnitOfWork) -> None:
        await kept(record, FIRST)
        written = await kept(record, SECOND)
        async with record.begin() as tx:
            assert (await tx.originals.of(written.source.id)).blob == SECOND.blob
            assert await tx.originals.stray(moment(2)) == [FIRST.blob]
            await tx.originals.drop([FIRST.blob, SECOND.blob, "unknown"])
            assert await tx.originals.stray(moment(99)) == []
            assert (await tx.originals.of(written.source.id)).blob == SECOND.blob

    async def test_the_original_of_a_source_that_was_removed_is_stray(
        self, record: UnitOfWork
    ) -> None:
        written = await kept(record, FIRST)
        await kept(record, SECOND, "b.md")
        async with record.begin() as tx:
            await tx.documents.remove([written.source.id])
        async with record.begin() as tx:
            assert await tx.originals.stray(moment(2), limit=1) == [FIRST.blob]
            await tx.documents.replace([written])
            with pytest.raises(NotFound):
                await tx.originals.of(written.source.id)

    async def test_a_blob_that_is_expected_is_stray_only_when_nobody_came_for_it(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as tx:
            await tx.originals.expect([SECOND, FIRST], moment(24))
            assert await tx.originals.stray(moment(23)) == []
            assert await tx.originals.stray(moment(24)) == [FIRST.blob, SECOND.blob]

    async def test_an_original_is_not_that_of_what_was_read_from_other_bytes(
        self, record: UnitOfWork
    ) -> None:
        await kept(record, FIRST)
        other = content(SECOND)
        async with record.begin() as tx:
            await tx.documents.replace([other])
            with pytest.raises(NotFound):
                await tx.originals.of(other.source.id)
            await tx.originals.attach({other.source.id: None}, moment(3))
            assert await tx.originals.stray(moment(3)) == [FIRST.blob]
