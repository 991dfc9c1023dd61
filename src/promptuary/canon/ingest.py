"""The ingest path: take prompts in, place them, distil templates, regroup families.

    text -> receive (validate, moderate, save with outbox and job: the acknowledgement)
         -> windows of waiting prompts, in order of arrival
         -> mine each: match known templates, discover new ones in the rest, reconcile, regroup
         -> write placements, versions, families, events and the checkpoint in one transaction

A window is decided by the order of arrival alone, and its outcome by what came before it; so a run
that was killed and started again ends where an uninterrupted one ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
import anyio.to_process
import anyio.to_thread

from promptuary.canon.asking import ask
from promptuary.canon.mining import YOUNG, Outcome, Window, mine
from promptuary.canon.nearest import Nearest
from promptuary.canon.receive import Receipt, Reception, check, receive
from promptuary.canon.relating import Related, relate
from promptuary.canon.ruling import Ruling, ruling
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.prompts import Collection, IncomingPrompt, Prompt
from promptuary.domain.reports import IngestReport, PlacedPrompt, Progress, Told, silent
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Placement, Template
from promptuary.ports.embedder import Embedder
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

POOL = 2_000
POOL_LEAST = 300
"""The newest prompts that stand alone get another chance in each window: as many as the window
has, within these bounds, so that a window of a few prompts costs little."""
MOST_YOUNG = 4_000
"""How many prompts of young lineages are mined again with a window."""
KINDRED = 8
"""So many prompts of a family without templates speak for it when new prompts come."""
LEAST_KINDRED, MOST_KINDRED = 100, 400
"""As many such families as the window has prompts, within these bounds, like the pool."""
WORTH = 0.25
"""Prompts that wait are mined once they are this share of those that are mined again with them."""
CHEAP = 100
"""So few are mined again at any time."""
PAGE = 1_000
CHARACTERS = 8_000_000
"""A window closes early at this many characters: memory is bounded whatever the prompts' length."""
WEEK_MINIMUM = 1_000
"""A window also closes at the end of a week, if it holds this many prompts: wordings change."""


class Canon:
    """The parts of canonicalisation and how it is set; keeps a matcher ready for single prompts."""

    def __init__(
        self,
        reception: Reception,
        embedder: Embedder,
        *,
        window: int,
        minimum: int,
        threshold: float | None,
        isolated: bool,
    ) -> None:
        self.reception = reception
        self.embedder = embedder
        self.window = window
        self.minimum = minimum
        self.threshold = threshold
        self.isolated = isolated
        self.nearest = Nearest(threshold)
        self.turn = anyio.Lock()
        """One window at a time in this process: two would mine the same, and one in vain."""

    @property
    def record(self) -> UnitOfWork:
        """The truth."""
        return self.reception.record


async def ingest(
    canon: Canon,
    prompts: Iterable[IncomingPrompt | str],
    collection_name: str,
    batch_id: str | None,
    *,
    first: int = 1,
    place: bool,
    complete: bool = True,
    told: Told = silent,
) -> IngestReport:
    """Save all that can be saved, then (with `place`) place all that waits; say what happened.

    Unless it is to be `complete`, a batch that is small beside what would be mined again with it is
    placed under the templates known, and waits to be mined.
    """
    collection = await _collection(canon.record, collection_name)
    before = collection.last_seq
    receipt = await receive(
        canon.reception,
        prompts,
        collection=collection,
        batch_id=batch_id,
        first=first,
        told=told,
    )
    if not place:
        return _report(receipt, collection_name, placed=0, alone=0)
    waits = await settle(canon, collection_name, told=told, complete=complete)
    if waits:
        await canon.nearest.place_all(canon.record, waits, after=max(before, waits.placed_seq))
    else:
        receipt.job_id = None  # nothing is left for it to do
    async with canon.record.read() as tx:
        placed, alone = await tx.prompts.tally(collection.id, after=before)
    return _report(receipt, collection_name, placed=placed, alone=alone)


async def submit(canon: Canon, incoming: IncomingPrompt, collection_name: str) -> PlacedPrompt:
    """Save one prompt and place it against the templates known now; discovery comes later."""
    check(incoming.text, canon.reception.longest)
    collection = await _collection(canon.record, collection_name)
    return await canon.nearest.submit(canon.reception, collection, incoming)


@dataclass(frozen=True, slots=True)
class Guests:
    """Templates of another record, known while windows are mined; those that a prompt is placed
    under stay, with their versions and events by lineage."""

    lineages: tuple[Lineage, ...] = ()
    versions: Mapping[str, Sequence[Template]] = field(default_factory=dict)
    events: Mapping[str, Sequence[EvolutionEvent]] = field(default_factory=dict)


async def settle(
    canon: Canon,
    collection_name: str,
    *,
    told: Told = silent,
    complete: bool = True,
    guests: Guests | None = None,
) -> Collection | None:
    """Mine window after window until no prompt of the collection waits; or, unless it is to be
    `complete`, until what waits is not worth it: then the collection.

    When another process placed the same window meanwhile, its outcome stands, and reading goes on
    behind it.
    """
    while True:
        async with canon.turn:
            if not complete and (collection := await _not_worth_it(canon, collection_name)):
                return collection
            window = await _next_window(canon, collection_name, guests or Guests())
            if window is None:
                return None
            told(Progress("mine", window.until - len(window.prompts), window.collection.last_seq))
            outcome = await _mined(canon, window)
            related = await _related(canon, window, outcome)
            await _write(canon.record, window, outcome, related, guests or Guests())
            await canon.nearest.renew(canon.record, window.collection)
        told(Progress("mine", window.until, window.collection.last_seq))


async def _not_worth_it(canon: Canon, name: str) -> Collection | None:
    """The collection, if a few prompts wait and many would be mined again with them.

    Mining each batch at once would cost a stream of single prompts its square.
    """
    async with canon.record.read() as tx:
        collection = await tx.collections.get(name)
    waiting = collection.last_seq - collection.placed_seq
    if not waiting or waiting >= canon.window:
        return None
    lineages = await canon.nearest.lineages(canon.record, collection)
    young = sum(line.size for line in lineages.values() if line.size <= YOUNG)
    again = min(MOST_YOUNG, young) + min(POOL_LEAST, collection.placed_seq)
    return collection if waiting < WORTH * (again - CHEAP) else None


async def _collection(record: UnitOfWork, name: str) -> Collection:
    """Reading first: a prompt for a known collection should not wait for another's write."""
    with suppress(NotFound):
        async with record.read() as tx:
            return await tx.collections.get(name)
    async with record.begin() as tx:
        return await tx.collections.ensure(name)


async def _next_window(canon: Canon, collection_name: str, guests: Guests) -> Window | None:
    """The next prompts in order of arrival, as many as belong together, with what is known."""
    async with canon.record.read() as tx:
        collection = await tx.collections.get(collection_name)
        waiting: list[Prompt] = []
        while len(waiting) < canon.window:
            seq = waiting[-1].seq if waiting else collection.placed_seq
            limit = min(PAGE, canon.window - len(waiting))
            page = await tx.prompts.after(collection.id, seq, limit=limit)
            kept = _up_to_boundary(waiting, page)
            waiting += page[:kept]
            if kept < limit:
                break
        if not waiting:
            return None
        lineages = await tx.templates.lineages(collection.id)
        families = await families_of(tx, collection.id)
        here = {line.id for line in lineages}
        standing = await tx.corrections.standing(collection.name)
        ruled = await ruling_of(tx, standing)
        return Window(
            collection=collection,
            until=waiting[-1].seq,
            prompts=tuple(prompt for prompt in waiting if prompt.status == "safe"),
            pool=tuple(
                await tx.prompts.alone(
                    collection.id,
                    until=collection.placed_seq,
                    limit=min(POOL, max(POOL_LEAST, len(waiting))),
                )
            ),
            lineages=tuple(lineages),
            guests=tuple(line for line in guests.lineages if line.id not in here),
            families=families,
            young=await _young(
                tx,
                [line for line in lineages if line.id not in ruled.locked],
                until=collection.placed_seq,
            ),
            kindred=await _kindred(tx, families, len(waiting)),
            corrections=tuple(standing),
            ruling=ruled,
        )


async def _young(
    tx: Transaction, lineages: Sequence[Lineage], *, until: int
) -> tuple[tuple[Prompt, Placement], ...]:
    """The prompts of lineages that are still young, the latest lineages first, within a bound."""
    ripe: list[str] = []
    room = MOST_YOUNG
    for lineage in sorted(lineages, key=lambda line: (-line.last_seq, line.id)):
        if lineage.size <= min(YOUNG, room):
            ripe.append(lineage.id)
            room -= lineage.size
    prompts = await tx.prompts.under(ripe, until=until)
    placements = await tx.templates.placements([prompt.id for prompt in prompts])
    return tuple(zip(prompts, placements, strict=True))


async def ruling_of(tx: Transaction, standing: Sequence[Correction]) -> Ruling:
    """What corrections ask, with lineages that are gone replaced by those that took them over."""
    merged: dict[str, str] = {}
    wanted = {key for each in standing for key in (*each.ids, *each.apart)}
    while wanted:
        found = await tx.templates.some(sorted(wanted))
        fresh = {line.id: line.merged_into for line in found if line.merged_into}
        wanted = set(fresh.values()) - merged.keys() - fresh.keys()
        merged |= fresh
    return ruling(standing, merged)


async def families_of(tx: Transaction, collection_id: str) -> tuple[Family, ...]:
    """Every family of a collection."""
    families: list[Family] = []
    cursor: str | None = None
    while True:
        page = await tx.families.list(collection_id, cursor=cursor, limit=PAGE)
        families += page.items
        cursor = page.next_cursor
        if cursor is None:
            return tuple(families)


async def _kindred(tx: Transaction, families: Iterable[Family], waiting: int) -> tuple[Prompt, ...]:
    """The newest prompts of each family without templates, the families seen last first."""
    own = sorted((f for f in families if not f.templates), key=lambda f: (f.updated_at, f.id))
    count = min(MOST_KINDRED, max(LEAST_KINDRED, waiting))
    pages = [await tx.prompts.list(family_id=f.id, limit=KINDRED) for f in own[-count:]]
    return tuple(prompt for page in pages for prompt in page.items)


def _up_to_boundary(window: Sequence[Prompt], page: Sequence[Prompt]) -> int:
    """How many prompts of the page still belong to the window."""
    size, characters = len(window), sum(len(prompt.text) for prompt in window)
    last = window[-1] if window else None
    for kept, prompt in enumerate(page):
        week_ended = last is not None and _week(prompt) != _week(last)
        if (week_ended and size >= WEEK_MINIMUM) or (size and characters > CHARACTERS):
            return kept
        size, characters, last = size + 1, characters + len(prompt.text), prompt
    return len(page)


def _week(prompt: Prompt) -> tuple[int, int]:
    year, week, _ = prompt.created_at.isocalendar()
    return year, week


async def _mined(canon: Canon, window: Window) -> Outcome:
    """Off the event loop: in a thread, or where others must stay quick in a process of its own."""
    work = partial(mine, window, minimum=canon.minimum, threshold=canon.threshold)
    if canon.isolated:
        return await anyio.to_process.run_sync(work)
    return await anyio.to_thread.run_sync(work)


async def _related(canon: Canon, window: Window, outcome: Outcome) -> Related:
    """Families of what lives now, where the window changed anything."""
    asked = await ask(canon.embedder, window, outcome)
    known = [family for family in window.families if family.templates]
    changed = {version.lineage_id for version in outcome.versions} & set(asked.telling)
    telling = list(asked.telling.values())
    related = await relate(canon.embedder, telling, known, changed=changed, ruling=window.ruling)
    return replace(
        related,
        lineages=(*related.lineages, *asked.open),
        families=(*related.families, *asked.families),
        dead=(*related.dead, *asked.dead),
        homes=asked.homes,
    )


async def _write(
    record: UnitOfWork, window: Window, outcome: Outcome, related: Related, guests: Guests
) -> None:
    """Everything a window brought, its outbox rows and the checkpoint: all, or nothing when
    somebody else has placed the window, or corrected something meanwhile.

    A prompt that was placed when it came in, one by one, may stand alone after all.
    """
    collection = window.collection
    placed = {placement.prompt_id for placement in outcome.placements}
    alone = [prompt.id for prompt in window.prompts if prompt.id not in placed]
    displaced = [*outcome.displaced, *alone]
    changed = {line.id: line for line in (*outcome.lineages, *related.lineages)}
    names = window.ruling.names
    lineages = [replace(line, name=names.get(line.id, line.name)) for line in changed.values()]
    async with record.begin() as tx:
        if tuple(await tx.corrections.standing(collection.name)) != window.corrections:
            return
        try:
            await tx.collections.mark_placed(
                collection.id, window.until, expected=collection.placed_seq
            )
        except Conflict:
            return
        await tx.families.save(related.families)
        await tx.templates.save_lineages(lineages)
        for line in lineages:
            await tx.templates.publish(guests.versions.get(line.id, ()))
            await tx.templates.record_events(guests.events.get(line.id, ()))
        await tx.templates.publish(outcome.versions)
        await tx.templates.place(outcome.placements)
        await tx.templates.displace(displaced)
        await tx.templates.record_events(outcome.events)
        await tx.families.adopt(related.homes)
        await tx.families.remove(related.dead)
        await tx.outbox.add("family", [family.id for family in related.families])
        await tx.outbox.add("family", related.dead)
        await tx.outbox.add("lineage", [lineage.id for lineage in lineages])
        await tx.outbox.add("prompt", outcome.moved)
        await tx.outbox.add("prompt", sorted({*displaced, *related.homes}))


def _report(receipt: Receipt, collection: str, *, placed: int, alone: int) -> IngestReport:
    return IngestReport(
        batch_id=receipt.batch_id,
        collection=collection,
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        rejected_count=receipt.rejected_count,
        rejected=tuple(receipt.rejected),
        placed=placed,
        alone=alone,
        job_id=receipt.job_id,
    )
