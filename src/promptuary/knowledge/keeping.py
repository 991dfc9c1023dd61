"""Writing what was read, batch by batch, and noting what became of each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from anyio import to_thread

from promptuary.domain.documents import Content, Source, source_id
from promptuary.domain.errors import MissingExtra, TimedOut, Unavailable
from promptuary.domain.loading import ReadFile
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import SourceOutcome, SourceOutcomeStatus, SyncReport
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.originals import Draft, Originals
from promptuary.knowledge.reading import Named, Reader, content_of, recipe_of
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

SHOWN = 1_000
PASSAGES = 1_000
FILES = 200
BYTES = 256 * 1024 * 1024
"""A transaction is committed when it holds so many passages or files, or bytes of these."""
AGAIN = frozenset({Unavailable.code, TimedOut.code, MissingExtra.code})
"""What may go better next time, though the file stays the same."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The parts that knowledge needs."""

    record: UnitOfWork
    reader: Reader
    clock: Clock
    chunking: Chunking
    originals: Originals | None = None
    trusted: frozenset[str] = frozenset()
    """Domains that a crawl need not ask for their rules."""

    @property
    def recipe(self) -> str:
        """How files are read, cut and kept now."""
        return recipe_of(self.chunking, keeping=self.originals is not None)


@dataclass(slots=True)  # changes: it gathers what is to be written and what was done
class Keeping:
    """One run over the sources under a root: those `known` before it by their path under it, and
    what it makes of them."""

    parts: Knowledge
    collection: str
    root: str
    known: Mapping[str, Source]
    counts: Counter[str] = field(default_factory=Counter)
    outcomes: list[SourceOutcome] = field(default_factory=list)
    passages: int = 0
    _by_id: dict[str, Source] | None = None
    _batch: list[Content] = field(default_factory=list)
    _drafts: dict[str, Draft] = field(default_factory=dict)
    _stamps: dict[str, str] = field(default_factory=dict)

    def note(
        self, name: str, status: SourceOutcomeStatus, code: str = "", reason: str = ""
    ) -> None:
        """What became of a source."""
        self.counts[status] += 1
        if len(self.outcomes) < SHOWN:
            self.outcomes.append(SourceOutcome(name, status, code, reason))

    def report(self, *, unchanged: int, dry_run: bool = False) -> SyncReport:
        """All of it."""
        return SyncReport(
            collection=self.collection,
            root=self.root,
            dry_run=dry_run,
            unchanged=unchanged,
            counts=dict(self.counts),
            outcomes=tuple(self.outcomes),
            passages=self.passages,
        )

    def digest(self, path: str) -> str | None:
        """The digest of what is known of a source, where the same bytes would give the same."""
        was = self.known.get(path)
        if was is None or was.recipe != self.parts.recipe or was.code in AGAIN:
            return None
        return was.digest

    async def take(self, named: Named, read: ReadFile, raw: Path | bytes = b"") -> None:
        """Note what was read of a source, to be written with the next batch; `raw` is what it was
        read from."""
        was = self._known_as(named)
        if read.same and was is not None:
            self._stamps[was.id] = read.stamp
            self.note(named.name, "same")
        else:
            how, now = self.parts.chunking, self.parts.clock.now()
            content = await to_thread.run_sync(content_of, named, read, how, now, self.parts.recipe)
            self._keep(content, was)
            if draft := await drafted(self.parts, content.source, raw):
                self._drafts[content.source.id] = draft
        if self._full():
            await self.flush()

    def _known_as(self, named: Named) -> Source | None:
        own = source_id(collection_id(named.collection), named.root, named.path)
        if self._by_id is None:
            self._by_id = {each.id: each for each in self.known.values()}
        return self._by_id.get(own)

    def _full(self) -> bool:
        return (
            len(self._batch) >= FILES
            or sum(len(each.passages) for each in self._batch) >= PASSAGES
            or sum(each.original.size for each in self._drafts.values()) >= BYTES
        )

    def _keep(self, content: Content, was: Source | None) -> None:
        source = content.source
        self.note(source.name, _status(source, new=was is None), source.code, source.reason)
        if source.code in AGAIN and source.status == "failed":
            if was is not None and was.status == "read":
                return  # what was read before stays until it is known to be gone or changed
            content = replace(content, source=replace(source, stamp=""))
        self._batch.append(content)

    async def flush(self) -> None:
        """Write what waits: all of it, or nothing."""
        batch, self._batch = self._batch, []
        stamps, self._stamps = self._stamps, {}
        drafts, self._drafts = self._drafts, {}
        if batch or stamps:
            self.passages += await write(self.parts, self.collection, batch, drafts, stamps)

    async def remove(self, gone: Sequence[Source]) -> None:
        """Forget sources that are there no more."""
        for source in gone:
            self.note(source.name, "removed")
        if gone:
            self.passages += await remove(self.parts, [each.id for each in gone])


def _status(source: Source, *, new: bool) -> SourceOutcomeStatus:
    if source.status != "read":
        return source.status
    return "partly" if source.code else "new" if new else "changed"


async def drafted(parts: Knowledge, source: Source, raw: Path | bytes) -> Draft | None:
    """A copy of what the source was read from, where originals are kept and it could be read."""
    if parts.originals is None or source.status == "failed":
        return None
    return await parts.originals.draft(raw, source.digest)


async def write(
    parts: Knowledge,
    collection: str,
    batch: Sequence[Content],
    drafts: Mapping[str, Draft],
    stamps: Mapping[str, str] | None = None,
) -> int:
    """Write sources with their originals in place of what was there: all of it, or nothing; how
    many passages came or went. Drafts are given by the ids of their sources."""
    if parts.originals:
        await parts.originals.put(list(drafts.values()))
    async with parts.record.begin() as tx:
        await tx.collections.ensure(collection)
        changed = await tx.documents.replace(batch)
        await tx.documents.restamp(stamps or {})
        blobs: dict[str, str | None] = {each.source.id: None for each in batch}
        blobs |= {id_: draft.original.blob for id_, draft in drafts.items() if id_ in blobs}
        await tx.originals.attach(blobs, parts.clock.now())
        await tx.outbox.add("passage", changed)
    await sweep(parts)
    return len(changed)


async def remove(parts: Knowledge, source_ids: Sequence[str]) -> int:
    """Forget sources and all they held, in the record and, through its outbox, everywhere else;
    gives how many passages went."""
    async with parts.record.begin() as tx:
        gone = await tx.documents.remove(source_ids)
        await tx.outbox.add("passage", gone)
    await sweep(parts)
    return len(gone)


async def sweep(parts: Knowledge) -> None:
    """Remove the originals of sources that are there no more."""
    if parts.originals:
        await parts.originals.sweep()
