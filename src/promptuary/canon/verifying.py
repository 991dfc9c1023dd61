"""Does the index say what the record says? Every entry is compared, none by sample.

Entries of the record are derived anew and compared with what is kept under their ids. What is kept
and should not be is found by digests of ids in buckets: only buckets whose digests differ are
looked at one by one. What changes while it is compared is compared again, once the index has been
given it. Then the index is asked for what it keeps: for every entry by its kind, and by words, as
`findable` says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from promptuary.canon.faults import fault_of
from promptuary.canon.findable import OF_A_KIND, Standing, digest_of, unfound
from promptuary.canon.indexing import (
    BATCH,
    KINDS,
    Draft,
    Indexing,
    catch_up,
    drafts_of,
    entries_for,
    everything,
    put_drafts,
)
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry
from promptuary.domain.reports import Progress, Told, silent
from promptuary.domain.upkeep import FAULTS, MISCOUNTED, Fault, Verified
from promptuary.ports._outbox import OutboxRow
from promptuary.ports.index import CountedIndex, Index
from promptuary.ports.unit_of_work import UnitOfWork

BUCKETS: Final = 4_096
LISTED: Final = 1_000
EXAMPLES: Final = 5
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Found:
    """What was wrong, by id, the digests of the ids of all that should be there, and their
    words."""

    def __init__(self, *, deep: bool) -> None:
        self.faults: dict[str, Fault] = {}
        self.entries = 0
        self.digests = [0] * BUCKETS
        self.words = Standing(deep=deep)


async def verify(
    parts: Indexing, told: Told = silent, *, total: int | None = None, deep: bool = False
) -> Verified:
    """Compare all entries of `parts.index` with the record; nothing is changed. `deep`: ask for
    every word that stands in an entry, not for some."""
    found = _report(await _compared(parts, told, total, deep=deep))
    return _with_words(found, await _miscounted(parts.index))


async def repair(
    parts: Indexing, told: Told = silent, *, total: int | None = None, deep: bool = False
) -> Verified:
    """Compare, write again what was wrong, remove what should not be there, and compare all once
    more. Twice is once."""
    before = await _compared(parts, told, total, deep=deep)
    if not before.faults:
        counted = await _miscounted(parts.index, mend=True)
        return replace(_report(before), repaired=counted)
    ids = list(before.faults)
    for start in range(0, len(ids), BATCH):
        await _write_again(parts, before.faults, ids[start : start + BATCH])
    counted = await _miscounted(parts.index, mend=True)
    after = _report(await _compared(parts, told, total, deep=deep))
    return replace(after, repaired=len(ids) + counted)


async def _miscounted(index: Index, *, mend: bool = False) -> int:
    """How many words the index counts wrongly, where it counts any."""
    return await index.recount(repair=mend) if isinstance(index, CountedIndex) else 0


def _with_words(found: Verified, wrong: int) -> Verified:
    return replace(found, faults={**found.faults, MISCOUNTED: wrong}) if wrong else found


async def _compared(parts: Indexing, told: Told, total: int | None, *, deep: bool) -> _Found:
    await catch_up(parts)
    found = _Found(deep=deep)
    async for drafts in everything(parts.record):
        await _compare(parts, drafts, found)
        told(Progress("verify", found.entries, total))
    found.faults |= dict.fromkeys(await _unexpected(parts, found.digests), "extra")
    if found.faults:
        await catch_up(parts)
        found.faults = await _still_wrong(parts, list(found.faults))
    missed = {*await unfound(parts, found.words), *await _unlisted(parts, found.digests)}
    missed -= found.faults.keys()
    found.faults |= dict.fromkeys(await _kept_right(parts, list(missed)), "unfindable")
    return found


async def _compare(parts: Indexing, drafts: Sequence[Draft], found: _Found) -> None:
    kept = {each.id: each for each in await parts.index.get([draft.id for draft in drafts])}
    for wanted in await entries_for(parts.embedder, drafts):
        bucket, digest = _placed(wanted.id)
        found.digests[bucket] ^= digest
        found.words.add(wanted.id, wanted.texts)
        if fault := _fault(wanted, kept.get(wanted.id)):
            found.faults[wanted.id] = fault
    found.entries += len(drafts)


def _fault(wanted: Entry, kept: Entry | None) -> Fault | None:
    return "missing" if kept is None else fault_of(wanted, kept)


async def _unexpected(parts: Indexing, wanted: Sequence[int]) -> list[str]:
    """Ids that are kept, in buckets in which something else is kept than should be."""
    differing = await _differing(parts, wanted)
    if not differing:
        return []
    return [id_ async for ids in _listed(parts) for id_ in ids if _placed(id_)[0] in differing]


async def _unlisted(parts: Indexing, wanted: Sequence[int]) -> set[str]:
    """Ids of the record that a filter by what every entry has does not find."""
    differing = await _differing(parts, wanted, OF_A_KIND)
    if not differing:
        return set()
    missed: set[str] = set()
    async for drafts in everything(parts.record):
        missed.update(draft.id for draft in drafts if _placed(draft.id)[0] in differing)
    async for ids in _listed(parts, OF_A_KIND):
        missed.difference_update(ids)
    return missed


async def _differing(
    parts: Indexing, wanted: Sequence[int], where: Filter | None = None
) -> set[int]:
    """The buckets in which something else is listed than should be."""
    listed = [0] * BUCKETS
    async for ids in _listed(parts, where):
        for id_ in ids:
            bucket, digest = _placed(id_)
            listed[bucket] ^= digest
    return {at for at in range(BUCKETS) if listed[at] != wanted[at]}


async def _listed(parts: Indexing, where: Filter | None = None) -> AsyncIterator[list[str]]:
    after: str | None = None
    while ids := await parts.index.list_ids(after=after, limit=LISTED, where=where):
        yield ids
        after = ids[-1]


async def _still_wrong(parts: Indexing, ids: Sequence[str]) -> dict[str, Fault]:
    """What is wrong of those by now: meanwhile some may have changed on both sides."""
    faults: dict[str, Fault] = {}
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        drafts = {each.id: each for each in await _wanted(parts, some)}
        kept = {each.id: each for each in await parts.index.get(some)}
        for wanted in await entries_for(parts.embedder, list(drafts.values())):
            if fault := _fault(wanted, kept.get(wanted.id)):
                faults[wanted.id] = fault
        faults |= {id_: "extra" for id_ in kept if id_ not in drafts}
    missing = [id_ for id_, fault in faults.items() if fault == "missing"]
    for id_ in await _waiting(parts.record, missing):
        del faults[id_]
    return faults


async def _waiting(record: UnitOfWork, ids: Sequence[str]) -> list[str]:
    """Those that are prompts which no engine has looked at yet: they are owed to no index."""
    waiting: list[str] = []
    async with record.read() as tx:
        placed: dict[str, int] = {}
        for start in range(0, len(ids), BATCH):
            for prompt in await tx.prompts.get(ids[start : start + BATCH]):
                name = prompt.collection
                placed[name] = placed.get(name) or (await tx.collections.get(name)).placed_seq
                if prompt.seq > placed[name]:
                    waiting.append(prompt.id)
    return waiting


async def _kept_right(parts: Indexing, ids: Sequence[str]) -> list[str]:
    """Those of which what is kept is what the record says."""
    right: list[str] = []
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        kept = {each.id: each for each in await parts.index.get(some)}
        entries = await entries_for(parts.embedder, await _wanted(parts, some))
        right += [each.id for each in entries if _fault(each, kept.get(each.id)) is None]
    return right


async def _write_again(parts: Indexing, faults: Mapping[str, Fault], ids: Sequence[str]) -> None:
    """What cannot be found, or not even be had, goes first: an engine may take it for unchanged."""
    drafts = await _wanted(parts, ids)
    await parts.index.remove([id_ for id_ in ids if faults[id_] in ("missing", "unfindable")])
    await put_drafts(parts, drafts)
    await parts.index.remove(list({*ids} - {draft.id for draft in drafts}))


async def _wanted(parts: Indexing, ids: Sequence[str]) -> list[Draft]:
    """What the record says of those ids, whatever they are ids of."""
    own = [id_ for id_ in ids if _UUID.fullmatch(id_)]
    async with parts.record.read() as tx:
        drafts, _ = await drafts_of(tx, [OutboxRow(0, kind, id_) for id_ in own for kind in KINDS])
    return drafts


def _placed(id_: str) -> tuple[int, int]:
    """The bucket of an id, and its digest."""
    drawn = digest_of(id_)
    return drawn % BUCKETS, drawn


def _report(found: _Found) -> Verified:
    counts = Counter(found.faults.values())
    examples: dict[str, list[str]] = {}
    for id_, fault in found.faults.items():
        if len(some := examples.setdefault(fault, [])) < EXAMPLES:
            some.append(id_)
    together = blake2b(b"".join(each.to_bytes(8) for each in found.digests), digest_size=8)
    return Verified(
        entries=found.entries,
        faults={fault: counts[fault] for fault in FAULTS if counts[fault]},
        examples={fault: tuple(some) for fault, some in examples.items()},
        digest=together.hexdigest(),
    )
