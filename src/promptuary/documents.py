"""What the face does with documents; `app.Promptuary` has these functions as methods."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from promptuary.adapters._noticing import noticing
from promptuary.canon.following import Followers
from promptuary.domain.documents import (
    AddedFile,
    Document,
    GivenText,
    Holdings,
    Original,
    Passage,
    Source,
    SourceStatus,
)
from promptuary.domain.errors import NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import SyncReport, Told, silent
from promptuary.knowledge.adding import add
from promptuary.knowledge.adding import add_file as keep_file
from promptuary.knowledge.crawling import Fetching, Reach
from promptuary.knowledge.crawling import crawl as go_through
from promptuary.knowledge.keeping import Knowledge, remove
from promptuary.knowledge.sync import sync as bring_in
from promptuary.knowledge.watching import watch as keep_watching
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.storing import leaving


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _knowledge(self) -> Knowledge: ...

    @property
    def _web(self) -> Fetching: ...

    @property
    def _follower(self) -> Followers: ...


async def sync(
    self: Opened,
    path: str | Path,
    *,
    collection: str = "default",
    dry_run: bool = False,
    progress: Told = silent,
) -> SyncReport:
    """Make the collection hold the documents of a folder (or file); only what changed is read.

    What is gone from the folder goes from the collection. A file that cannot be read is named
    in the report and stops no other. Raises InvalidInput when there is no such folder.
    """
    work = partial(bring_in, self._knowledge, Path(path), collection, dry_run=dry_run)
    report = await work(told=progress)
    await self._follower.catch_up(progress)
    return report


async def watch(
    self: Opened, path: str | Path, *, collection: str = "default", progress: Told = silent
) -> AsyncIterator[SyncReport]:
    """Sync the folder again and again: the first report, and then each that brings news. Ends when
    it is closed."""
    async with noticing(Path(path)) as somebody:
        watching = partial(keep_watching, self._knowledge, Path(path), collection)
        async for report in watching(noticing=somebody, told=progress):
            await self._follower.catch_up(progress)
            yield report


async def add_documents(
    self: Opened,
    texts: Iterable[GivenText],
    *,
    collection: str = "default",
    progress: Told = silent,
) -> int:
    """Keep texts as documents, each known by its sender's id; how many passages came or went.

    The same id again replaces its document. Raises InvalidInput for a text that cannot be read.
    """
    changed = await add(self._knowledge, texts, collection, told=progress)
    await self._follower.catch_up(progress)
    return changed


async def crawl(
    self: Opened,
    url: str,
    *,
    collection: str = "default",
    depth: int = 1,
    pages: int = 40,
    same_site: bool = True,
    delay: float = 0.5,
    force: bool = False,
    progress: Told = silent,
) -> SyncReport:
    """Make the collection hold a page and what it links to, `depth` links deep and at most so many
    `pages`, on its own host unless `same_site` is off; `delay` seconds between requests to a host.

    Follows robots.txt, fetches only from public addresses, and reads only what changed, or with
    `force` everything. Raises InvalidInput for what is no address of the web.
    """
    reach = Reach(depth, pages, same_site, delay)
    work = partial(go_through, self._knowledge, self._web, url, collection, reach=reach)
    report = await work(force=force, told=progress)
    await self._follower.catch_up(progress)
    return report


async def add_file(
    self: Opened,
    path: str | Path,
    *,
    collection: str = "default",
    name: str | None = None,
    title: str = "",
) -> AddedFile:
    """Keep one file as a source of that name (else its own), in place of what was there.

    No folder is asked about it again. Raises InvalidInput, TooLarge or Unsupported for a file that
    cannot be read; what was there then stays.
    """
    file = Path(path)
    keeping = partial(keep_file, self._knowledge, file, collection, title=title)
    added = await keeping(name=name or file.name)
    await self._follower.catch_up()
    return added


async def source(self: Opened, source_id: str) -> Source:
    """A file or page that was looked at, and what became of it. Raises NotFound."""
    async with self._record.read() as tx:
        return await tx.documents.source(source_id)


async def sources(
    self: Opened,
    *,
    collection: str | None = None,
    status: SourceStatus | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Source]:
    """Files and pages that were looked at, by name, with what became of each."""
    async with self._record.read() as tx:
        within = collection_id(collection) if collection else None
        return await tx.documents.list(within, status=status, cursor=cursor, limit=limit)


async def holdings(self: Opened, *, collection: str | None = None) -> Holdings:
    """How many sources, documents and passages there are."""
    async with self._record.read() as tx:
        return await tx.documents.holdings(collection_id(collection) if collection else None)


async def document(self: Opened, document_id: str) -> Document:
    """A document with all its text. Raises NotFound."""
    async with self._record.read() as tx:
        return await tx.documents.get(document_id)


async def documents(self: Opened, source_id: str) -> Sequence[Document]:
    """The documents of a source; an archive has many."""
    async with self._record.read() as tx:
        return await tx.documents.within(source_id)


async def original(self: Opened, id: str, to: str | Path) -> Original:
    """Write the file that a source, or a document, was read from to a path, as it was; what it is.

    Of a member of an archive that is the archive. Raises NotFound where none is kept: of texts that
    a program gave, of what came with an archive of a collection, and with the setting `originals`
    at `none`. Raises InvalidInput for a place that cannot be written.
    """
    kept = self._knowledge.originals
    if kept is None:
        raise NotFound("original", id)
    async with leaving(str(to), kept.room) as path:
        return await kept.fetch(id, path)


async def passages(self: Opened, ids: Sequence[str]) -> Sequence[Passage]:
    """The passages that exist, in the order asked."""
    async with self._record.read() as tx:
        return await tx.documents.passages(ids)


async def forget(self: Opened, source_ids: Sequence[str]) -> int:
    """Delete sources and all that was read from them, everywhere; how many passages went. A
    file that still lies in a folder comes back when that is synced."""
    gone = await remove(self._knowledge, source_ids)
    await self._follower.catch_up()
    return gone
