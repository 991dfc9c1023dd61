"""Does the index say what the record says? Entry by entry, whatever engine keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b

from promptuary.canon.indexing import BATCH, Draft, Indexing, everything, put_drafts
from promptuary.domain.filters import Value
from promptuary.domain.reports import Progress, Told, silent
from promptuary.domain.upkeep import IndexReport

_SHOWN = 10


class Digest:
    """A digest of a set of entries, in whatever order they come: the sum of theirs."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, one: bytes) -> None:
        """One entry more."""
        self._sum = (self._sum + int.from_bytes(one, "big")) % (1 << 128)

    def __str__(self) -> str:
        return f"{self._sum:032x}"


def digest_of(id: str, texts: Mapping[str, str], payload: Mapping[str, Value]) -> bytes:
    """What an entry says, in 16 bytes."""
    said = json.dumps([id, dict(texts), dict(payload)], sort_keys=True)
    return blake2b(said.encode(), digest_size=16).digest()


async def verify(parts: Indexing, *, repair: bool = False, told: Told = silent) -> IndexReport:
    """Compare every entry; with `repair` what is missing or stale is put, and surplus removed.

    Nobody may bring anything in meanwhile. What is held in memory is 16 bytes an entry and its id.
    """
    found = _Found()
    async for drafts in everything(parts.record):
        wrong = await _compare(parts, drafts, found)
        if repair:
            await put_drafts(parts, wrong)
        told(Progress("verify", found.checked, None))
    surplus = await _surplus(parts, found)
    if repair and surplus:
        await parts.index.remove(surplus)
    return IndexReport(
        checked=found.checked,
        missing=found.missing,
        stale=found.stale,
        surplus=len(surplus),
        repaired=repair and bool(found.missing or found.stale or surplus),
        record_digest=str(found.record),
        index_digest=str(found.index),
        examples=tuple(found.examples[:_SHOWN]),
    )


class _Found:
    """What a comparison has found so far."""

    def __init__(self) -> None:
        self.record, self.index = Digest(), Digest()
        self.checked = self.missing = self.stale = 0
        self.known: set[str] = set()
        self.examples: list[str] = []


async def _compare(parts: Indexing, drafts: list[Draft], found: _Found) -> list[Draft]:
    """Those that are missing or stale."""
    standing = {entry.id: entry for entry in await parts.index.get([one.id for one in drafts])}
    wrong = []
    for draft in drafts:
        true = digest_of(draft.id, draft.texts, draft.payload)
        found.record.add(true)
        found.known.add(draft.id)
        found.checked += 1
        entry = standing.get(draft.id)
        kept = None if entry is None else digest_of(entry.id, entry.texts, entry.payload)
        if kept is not None:
            found.index.add(kept)
        if kept != true:
            found.missing += kept is None
            found.stale += kept is not None
            found.examples.append(draft.id)
            wrong.append(draft)
    return wrong


async def _surplus(parts: Indexing, found: _Found) -> list[str]:
    """The ids that stand in the index alone."""
    surplus: list[str] = []
    after: str | None = None
    while page := await parts.index.list_ids(after=after, limit=BATCH):
        after = page[-1]
        extra = [key for key in page if key not in found.known]
        for entry in await parts.index.get(extra):
            found.index.add(digest_of(entry.id, entry.texts, entry.payload))
        surplus += extra
    found.examples += surplus
    return surplus
