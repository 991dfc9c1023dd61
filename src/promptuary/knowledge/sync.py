"""The path of a sync: look, compare with what is known, read what changed, write, remove."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from anyio import to_thread

from promptuary.domain.documents import Source
from promptuary.domain.loading import ReadFile, suffix_of
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import Progress, SyncReport, Told, silent
from promptuary.knowledge.folders import (
    Lying,
    Place,
    look,
    overlap,
    passed_over,
    place_of,
    within,
)
from promptuary.knowledge.keeping import Keeping, Knowledge
from promptuary.knowledge.reading import Named
from promptuary.ports._documents import Documents

AT_ONCE = 4
"""Files on their way from the readers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: paths to read, sources whose files are gone, and how many stay."""

    read: tuple[str, ...]
    gone: tuple[Source, ...]
    unchanged: int


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
        known, twice = await known_in(tx.documents, collection, place)
    plan = planned(place, lying, known, parts.recipe)
    plan = replace(plan, gone=(*plan.gone, *twice))
    keeping = Keeping(parts, collection, str(place.root), known)
    for skipped, reason in lying.skipped:
        keeping.note(name_of(place, skipped), "skipped", "", reason)
    if dry_run:
        for each in plan.read:
            keeping.note(name_of(place, each), "changed" if each in known else "new")
        for source in plan.gone:
            keeping.note(source.name, "removed")
    else:
        await _Syncing(parts, place, keeping).run(plan, told)
    return keeping.report(unchanged=plan.unchanged, dry_run=dry_run)


async def known_in(
    documents: Documents, collection: str, place: Place
) -> tuple[dict[str, Source], list[Source]]:
    """What is known of the place by its path there, whatever folder it came in with: a file is one
    source, though a folder and one inside it are synced. Second, sources of a file that has one."""
    known: dict[str, Source] = {}
    twice: list[Source] = []
    here = collection_id(collection)
    for root in await documents.roots(here):
        if not overlap(place, root):
            continue
        only = place.only if root == str(place.root) else None
        for source in (await documents.manifest(here, root, only=only)).values():
            path = within(place, root, source.path)
            if path is None or (place.only is None and passed_over(path)):
                continue
            if path in known:
                twice.append(source)
            known.setdefault(path, source)
    return known, twice


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
    keeping: Keeping

    async def run(self, plan: Plan, told: Told) -> None:
        """Remove what is gone; read and write in batches, so that what is new is soon there."""
        await self.keeping.remove(plan.gone)
        done = 0
        async for path, read in self._reads(plan.read):
            done += 1
            await self.keeping.take(self._named(path), read, self.place.root / path)
            told(Progress("read", done, len(plan.read)))
        await self.keeping.flush()

    def _named(self, path: str) -> Named:
        """A file that is known keeps its name, and the folder that it came in with."""
        collection = self.keeping.collection
        if was := self.keeping.known.get(path):
            return Named(collection, was.root, was.path, was.name)
        return Named(collection, str(self.place.root), path, name_of(self.place, path))

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
        known = self.keeping.digest(path)
        return await self.parts.reader.read(self.place.root / path, known=known)
