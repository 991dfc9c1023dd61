"""What both stores of an index that moves make of judged queries, asked as any search asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from promptuary.canon.searching import BOOSTS
from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.domain.filters import OneOf
from promptuary.domain.found import Entry
from promptuary.domain.library import library_prompt_id
from promptuary.domain.relevance import JudgedQuery
from promptuary.moving.judging import Ask, Asked
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval import kept
from promptuary.retrieval.evaluating.scoring import CUT
from promptuary.retrieval.hybrid import SearchRequest, search
from promptuary.retrieval.sides import Side
from promptuary.retrieval.thesaurus import Thesaurus

CHANGES: Final = 3
"""So many changes are announced to see how soon both stores have them."""
LOOK_SECONDS: Final = 0.005
LONGEST_SECONDS: Final = 10.0
"""A store that has not taken a change in by then is said to have no measured delay."""
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Searched:
    """What searching needs beside the stores: words of nearly the same meaning, and whom to tell
    that something was written."""

    thesaurus: Thesaurus | None
    written: Callable[[], None]


async def asking(
    record: UnitOfWork,
    clock: Clock,
    sides: tuple[Side, Side],
    queries: Sequence[JudgedQuery],
    searched: Searched,
) -> Asked:
    """Both stores, ready to be asked for entries of the kinds that were judged. Raises InvalidInput
    where no judged entry is in either."""
    names = dict.fromkeys(name for query in queries for name in query.grades)
    held = await _held([side.index for side in sides], names)
    if not held:
        message = "none of the judged entries is known here: name them by id, or by slug"
        raise InvalidInput(message, fields={"judged": "unknown ids"})
    kinds = tuple(sorted({str(entry.payload["kind"]) for entry in held.values()}))
    known = {entry.id: name for name, entry in held.items()}
    old, new = (_ask(side, kinds, known, searched.thesaurus) for side in sides)
    indexes = sides[0].index, sides[1].index
    delays = await _delays(record, clock, indexes, searched.written)
    return Asked(old, new, len(names) - len(held), delays)


async def _held(indexes: Sequence[Index], names: Iterable[str]) -> dict[str, Entry]:
    """The entries that are meant: an id wins over a slug, the old store over the new one."""
    found: dict[str, Entry] = {}
    wanted = {name: (name, library_prompt_id(name)) for name in names}
    for index in indexes:
        open_ones = [name for name in wanted if name not in found]
        for start in range(0, len(open_ones), BATCH):
            some = open_ones[start : start + BATCH]
            ids = dict.fromkeys(each for name in some for each in wanted[name])
            there = {entry.id: entry for entry in await index.get(list(ids))}
            for name in some:
                if entry := next((there[i] for i in wanted[name] if i in there), None):
                    found[name] = entry
    return found


def _ask(
    side: Side, kinds: tuple[str, ...], known: Mapping[str, str], thesaurus: Thesaurus | None
) -> Ask:
    boosts = kept.BOOSTS if kinds == (kept.KIND,) else BOOSTS

    async def ask(text: str) -> Sequence[str]:
        request = SearchRequest(text, where=OneOf("kind", kinds), limit=CUT, boosts=boosts)
        found = await search(side.index, side.embedder, request, thesaurus=thesaurus)
        return [known.get(each.id, each.id) for each in found]

    return ask


async def _delays(
    record: UnitOfWork, clock: Clock, indexes: tuple[Index, Index], written: Callable[[], None]
) -> tuple[float | None, float | None]:
    """How soon both have what is announced; the newest change is announced again, which changes
    nothing."""
    old, new = list[float | None](), list[float | None]()
    for _ in range(CHANGES):
        async with record.begin() as tx:
            last = await tx.outbox.last()
            rows = await tx.outbox.after(last - 1, limit=1)
            if not rows:
                return None, None
            await tx.outbox.add(rows[0].kind, [rows[0].entity_id])
        started = clock.monotonic()
        written()
        async with record.read() as tx:
            head = await tx.outbox.last()
        mine, theirs = await asyncio.gather(
            *(_until(index, head, clock, started) for index in indexes)
        )
        old.append(mine)
        new.append(theirs)
    return _median(old), _median(new)


async def _until(index: Index, position: int, clock: Clock, started: float) -> float | None:
    """Milliseconds until the index has come that far."""
    while clock.monotonic() - started < LONGEST_SECONDS:
        try:
            if await index.watermark() >= position:
                return (clock.monotonic() - started) * 1_000
        except PromptuaryError:
            return None
        await asyncio.sleep(LOOK_SECONDS)
    return None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if len(known) == len(values) else None
