"""The path of a sync: look, compare with what is known, read what changed, write, remove."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from anyio import to_thread

from promptuary.domain.documents import Content, Source
from promptuary.domain.errors import MissingExtra, TimedOut, Unavailable
from promptuary.domain.loading import ReadFile, suffix_of
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import (
    Progress,
    SourceOutcome,
    SourceOutcomeStatus,
    SyncReport,
    Told,
    silent,
)
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.folders import Lying, Place, look, place_of
from promptuary.knowledge.reading import Named, Reader, content_of, recipe_of
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

SHOWN = 1_000
AT_ONCE = 4
"""Files on their way from the readers."""
PASSAGES = 1_000
FILES = 200
"""A transaction is committed when it holds so many passages or files."""
AGAIN = frozenset({Unavailable.code, TimedOut.code, MissingExtra.code})
"""What may go better next time, though the file stays the same."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The parts that knowledge needs."""

    record: UnitOfWork
    reader: Reader
    clock: Clock
    chunking: Chunking


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: paths to read, sources whose files are gone, and how many stay."""

    read: tuple[str, ...]
    gone: tuple[Source, ...]
    unchanged: int


@dataclass(slots=True)  # changes: a sync fills it
class _Tally:
    """What became of each source so far."""

    counts: Counter[str] = field(default_factory=Counter)
    outcomes: list[SourceOutcome] = field(default_factory=list)
    passages: int = 0

    def note(
        self, name: str, status: SourceOutcomeStatus, code: str = "", reason: str = ""
    ) -> None:
        self.counts[status] += 1
        if len(self.outcomes) < SHOWN:
            self.outcomes.append(SourceOutcome(name, status, code, reason))


async def sync(
    parts: Knowledge,
    path: Path,
    collection: str,
    *,
    dry_run: bool = False,
    told: Told = silent,
) -> SyncReport:
    """Make the collection hold what the folder (or file) does; see `SyncReport`.

    Each file is replaced as a whole; what was written when this is stopped stays, and the next sync
    goes on from there. Several may run at once: whoever reads a file last writes it last, and what
    is stale is read again next time. Raises InvalidInput when there is no such folder or file.
    """
    place = await to_thread.run_sync(place_of, path)
    suffixes = parts.reader.suffixes
    lying = await to_thread.run_sync(look, place, lambda name: suffix_of(name) in suffixes)
    async with parts.record.read() as tx:
        within, root = collection_id(collection), str(place.root)
        known = await tx.documents.manifest(within, root, only=place.only)
    plan = planned(place, lying, known, recipe_of(parts.chunking))
    tally = _Tally()
    for skipped, reason in lying.skipped:
        tally.note(name_of(place, skipped), "skipped", "", reason)
    if dry_run:
        for each in plan.read:
            tally.note(name_of(place, each), "changed" if each in known else "new")
        for source in plan.gone:
            tally.note(source.name, "removed")
    else:
        await _Syncing(parts, place, collection, known, tally).run(plan, told)
    return SyncReport(
        collection=collection,
        root=str(place.root),
        dry_run=dry_run,
        unchanged=plan.unchanged,
        counts=dict(tally.counts),
        outcomes=tuple(tally.outcomes),
        passages=tally.passages,
    )


def planned(place: Place, lying: Lying, known: Mapping[str, Source], recipe: str) -> Plan:
    """Compare what lies there with what is known. What lies in a folder that could not be looked
    into may still be there, so it stays."""
    read = tuple(
        path
        for path, stamp in lying.stamps.items()
        if not ((was := known.get(path)) and was.stamp == stamp and was.recipe == recipe)
    )
    gone = tuple(
        source
        for path, source in known.items()
        if path not in lying.stamps
        and place.only in {None, path}
        and not any(not folder or path.startswith(f"{folder}/") for folder in lying.closed)
    )
    return Plan(read, gone, len(lying.stamps) - len(read))


def name_of(place: Place, path: str) -> str:
    """What people see of a file: the folder's name and the path in it."""
    return f"{place.root.name}/{path}" if place.root.name else path


@dataclass(frozen=True, slots=True)
class _Syncing:
    """One sync that writes."""

    parts: Knowledge
    place: Place
    collection: str
    known: Mapping[str, Source]
    tally: _Tally

    async def run(self, plan: Plan, told: Told) -> None:
        """Remove what is gone; read and write in batches, so that what is new is soon there."""
        await self._remove(plan.gone)
        batch: list[Content] = []
        stamps: dict[str, str] = {}
        done = 0
        async for path, read in self._reads(plan.read):
            done += 1
            content = await self._taken(path, read, stamps)
            if content is not None:
                batch.append(content)
            if sum(len(each.passages) for each in batch) >= PASSAGES or len(batch) >= FILES:
                await self._write(batch, stamps)
                batch, stamps = [], {}
            told(Progress("read", done, len(plan.read)))
        await self._write(batch, stamps)

    async def _reads(self, paths: Sequence[str]) -> AsyncIterator[tuple[str, ReadFile]]:
        """Some files at once, in order."""
        ahead: deque[tuple[str, asyncio.Task[ReadFile]]] = deque()
        left = iter(paths)
        try:
            while True:
                for path in left:
                    ahead.append((path, asyncio.create_task(self._read(path))))
                    if len(ahead) >= AT_ONCE:
                        break
                if not ahead:
                    return
                path, task = ahead[0]
                read = await task
                ahead.popleft()
                yield path, read
        finally:
            for _, task in ahead:
                task.cancel()
            await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)

    async def _read(self, path: str) -> ReadFile:
        was = self.known.get(path)
        sound = was is not None and was.recipe == recipe_of(self.parts.chunking)
        known = was.digest if was is not None and sound and was.code not in AGAIN else None
        return await self.parts.reader.read(self.place.root / path, known=known)

    async def _taken(self, path: str, read: ReadFile, stamps: dict[str, str]) -> Content | None:
        """What is to be written for this file, if anything; its outcome is noted."""
        was, name = self.known.get(path), name_of(self.place, path)
        if read.same and was is not None:
            stamps[was.id] = read.stamp
            self.tally.note(name, "same")
            return None
        content = await to_thread.run_sync(self._content, path, read)
        source = content.source
        self.tally.note(name, self._status(source, new=was is None), source.code, source.reason)
        if source.code in AGAIN and source.status == "failed":
            # What was read before stays until it is known to be gone or changed.
            held = was is not None and was.status == "read"
            return None if held else replace(content, source=replace(source, stamp=""))
        return content

    def _content(self, path: str, read: ReadFile) -> Content:
        named = Named(self.collection, str(self.place.root), path, name_of(self.place, path))
        return content_of(named, read, self.parts.chunking, self.parts.clock.now())

    @staticmethod
    def _status(source: Source, *, new: bool) -> SourceOutcomeStatus:
        if source.status != "read":
            return source.status
        return "partly" if source.code else "new" if new else "changed"

    async def _write(self, batch: Sequence[Content], stamps: Mapping[str, str]) -> None:
        """All of it, or nothing."""
        if not batch and not stamps:
            return
        async with self.parts.record.begin() as tx:
            await tx.collections.ensure(self.collection)
            changed = await tx.documents.replace(batch)
            await tx.documents.restamp(stamps)
            await tx.outbox.add("passage", changed)
        self.tally.passages += len(changed)

    async def _remove(self, gone: Sequence[Source]) -> None:
        for source in gone:
            self.tally.note(source.name, "removed")
        if gone:
            self.tally.passages += await remove(self.parts.record, [each.id for each in gone])


async def remove(record: UnitOfWork, source_ids: Sequence[str]) -> int:
    """Forget sources and all they held, in the record and, through its outbox, everywhere else;
    gives how many passages went."""
    async with record.begin() as tx:
        gone = await tx.documents.remove(source_ids)
        await tx.outbox.add("passage", gone)
    return len(gone)
