"""A collection out into a file, and in again: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import uuid4

from anyio import to_thread

from promptuary import __version__
from promptuary.domain.archives import CollectionArchive
from promptuary.domain.documents import Content, Document, Passage, Source
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import Progress, Told, silent
from promptuary.knowledge import archives
from promptuary.knowledge.archives import ArchiveWriter, contents, verify
from promptuary.knowledge.keeping import BYTES, Knowledge, write
from promptuary.knowledge.originals import Draft, Originals
from promptuary.knowledge.packed import Packed
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

AT_ONCE = 100
PASSAGES = 1_000
"""How many sources, and passages of a document, are read at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in with an archive; `passages` came or went for it, and `originals` are kept."""

    archive: CollectionArchive
    collection: str
    passages: int
    originals: int = 0


async def write_out(
    record: UnitOfWork,
    clock: Clock,
    collection: str,
    file: IO[bytes],
    settings: Mapping[str, str],
    *,
    originals: Originals | None = None,
    told: Told = silent,
) -> CollectionArchive:
    """Write the documents of a collection, their passages and its calibration into an archive, all
    of one moment, and the originals that are kept of them. One that is gone or altered stops
    nothing: it is counted. Raises NotFound for a collection that is not there."""
    wanted: dict[str, list[str]] = {}
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
                wanted.setdefault(source.digest, []).append(source.id)
                done += 1
            told(Progress("write", done, page.total))
            if (cursor := page.next_cursor) is None:
                break
    missing = await _add_originals(writer, originals, wanted) if originals else 0
    return await to_thread.run_sync(writer.close, replace(said, missing=missing))


async def _add_originals(
    writer: ArchiveWriter, originals: Originals, wanted: Mapping[str, Sequence[str]]
) -> int:
    """Those of sources by their digests, each once; how many could not be had."""
    missing = 0
    path = originals.room / uuid4().hex
    for digest, sources in wanted.items():
        found: bool | None = None
        for source in sources:
            if (had := await originals.taken(source, path)) is not None:
                found = had
            if found:
                await to_thread.run_sync(writer.add_original, digest, path)
                break
        missing += found is False
    await to_thread.run_sync(lambda: path.unlink(missing_ok=True))
    return missing


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

    The whole archive is checked before anything is written. Its originals are kept where originals
    are. Killed on the way, the same again goes on. Raises InvalidInput for what is damaged or no
    archive, TooLarge.
    """
    with path.open("rb") as file, path.open("rb") as again:
        archive = await to_thread.run_sync(verify, file)
        into = archive.collection if collection is None else collection
        changed = done = kept = 0
        with archives.originals(again) as packed:
            reading = contents(file, into)
            while batch := await to_thread.run_sync(_batch, reading, packed):
                drafts = await _drafts(parts.originals, batch, packed)
                changed += await write(parts, into, batch, drafts)
                done, kept = done + len(batch), kept + len(drafts)
                told(Progress("read", done, archive.sources))
    async with parts.record.begin() as tx:
        await tx.collections.ensure(into)
        if archive.calibration is not None:
            await tx.judgements.calibrate(replace(archive.calibration, collection=into))
    return Taken(archive, into, changed, kept)


def _batch(reading: Iterator[Content], packed: Packed) -> list[Content]:
    batch, passages, size = list[Content](), 0, 0
    for content in islice(reading, AT_ONCE):
        batch.append(content)
        passages += len(content.passages)
        size += packed.size(content.source.digest)
        if passages >= PASSAGES or size >= BYTES:
            break
    return batch


async def _drafts(
    originals: Originals | None, batch: Sequence[Content], packed: Packed
) -> dict[str, Draft]:
    """The originals of a batch, to be kept with it."""
    found: dict[str, Draft] = {}
    for source in (each.source for each in batch):
        if originals and source.digest in packed.members:
            draft = await originals.draft(packed.open(source.digest), source.digest)
            found |= {source.id: draft} if draft else {}
    return found
