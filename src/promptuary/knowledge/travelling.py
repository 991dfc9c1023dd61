"""A collection out into a file, and in again: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

from anyio import to_thread

from promptuary import __version__
from promptuary.domain.archives import CollectionArchive
from promptuary.domain.documents import Content, Document, Passage, Source
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import Progress, Told, silent
from promptuary.knowledge.archives import ArchiveWriter, contents, verify
from promptuary.knowledge.keeping import Knowledge, write
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

AT_ONCE = 100
PASSAGES = 1_000
"""How many sources, and passages of a document, are read at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in with an archive; `passages` came or went for it."""

    archive: CollectionArchive
    collection: str
    passages: int


async def write_out(
    record: UnitOfWork,
    clock: Clock,
    collection: str,
    file: IO[bytes],
    settings: Mapping[str, str],
    *,
    told: Told = silent,
) -> CollectionArchive:
    """Write the documents of a collection, their passages and its calibration into an archive, all
    of one moment. Raises NotFound for a collection that is not there."""
    async with record.read() as tx:
        await tx.collections.get(collection)
        calibration = await tx.judgements.calibration(collection)
        said = CollectionArchive(
            collection=collection,
            made_at=clock.now(),
            made_by=f"promptuary {__version__}",
            sources=0,
            documents=0,
            passages=0,
            digest="",
            settings=dict(settings),
            calibration=calibration,
        )
        writer = ArchiveWriter(file)
        done, cursor = 0, None
        while True:
            page = await tx.documents.list(collection_id(collection), cursor=cursor, limit=AT_ONCE)
            for source in page.items:
                await to_thread.run_sync(writer.add, await _whole(tx, source))
                done += 1
            told(Progress("write", done, page.total))
            if (cursor := page.next_cursor) is None:
                break
    return await to_thread.run_sync(writer.close, said)


async def _whole(tx: Transaction, source: Source) -> Content:
    documents = await tx.documents.within(source.id)
    passages: list[Passage] = []
    for each in documents:
        passages += await _passages(tx, each)
    # What its folder says of it is of this machine: elsewhere it must be looked at again.
    return Content(replace(source, stamp=""), tuple(documents), tuple(passages))


async def _passages(tx: Transaction, document: Document) -> Sequence[Passage]:
    found: list[Passage] = []
    while some := await tx.documents.passages_of(document.id, first=len(found), limit=PASSAGES):
        found += some
    return found


async def take_in(
    parts: Knowledge, path: Path, collection: str | None = None, *, told: Told = silent
) -> Taken:
    """Bring an archive into a collection (that of its name unless one is given): each source of it
    in place of what was there, other sources untouched.

    The whole archive is checked before anything is written; originals do not travel. Killed on the
    way, the same again goes on. Raises InvalidInput for what is damaged or no archive, TooLarge.
    """
    with path.open("rb") as file:
        archive = await to_thread.run_sync(verify, file)
        into = archive.collection if collection is None else collection
        changed = done = 0
        reading = contents(file, into)
        while batch := await to_thread.run_sync(_batch, reading):
            changed += await write(parts, into, batch, {})
            done += len(batch)
            told(Progress("read", done, archive.sources))
    async with parts.record.begin() as tx:
        await tx.collections.ensure(into)
        if archive.calibration is not None:
            await tx.judgements.calibrate(replace(archive.calibration, collection=into))
    return Taken(archive, into, changed)


def _batch(reading: Iterator[Content]) -> list[Content]:
    batch, passages = list[Content](), 0
    for content in islice(reading, AT_ONCE):
        batch.append(content)
        passages += len(content.passages)
        if passages >= PASSAGES:
            break
    return batch
