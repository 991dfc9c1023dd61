"""The ingest path: take prompts in, place them, distil templates, regroup families.

    text -> receive (validate, moderate, save with outbox and job: the acknowledgement)
         -> windows of waiting prompts, in order of arrival
         -> mine each: match known templates, discover new ones in the rest, reconcile, regroup
         -> write placements, versions, families, events and the checkpoint in one transaction

A window is decided by the order of arrival alone, and its outcome by what came before it; so a run
that was killed and started again ends where an uninterrupted one ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import anyio
import anyio.to_process
import anyio.to_thread

from promptuary.canon.asking import ask
from promptuary.canon.evolving import evolve
from promptuary.canon.mining import YOUNG, Outcome, Window, mine
from promptuary.canon.nearest import Nearest
from promptuary.canon.receive import Receipt, Reception, check, receive
from promptuary.canon.relating import Related, decided, relate
from promptuary.canon.uniting import carry
from promptuary.canon.windows import MOST_YOUNG, POOL_LEAST, Guests, next_window
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.prompts import Collection, IncomingPrompt
from promptuary.domain.reports import IngestReport, PlacedPrompt, Progress, Told, silent
from promptuary.ports.embedder import Embedder
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

WORTH = 0.25
"""Prompts that wait are mined once they are this share of those that are mined again with them."""
CHEAP = 100
"""So few are mined again at any time."""
A_TURN = 2
"""Windows that a job mines before other collections have their turn."""


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


async def settle(
    canon: Canon,
    collection_name: str,
    *,
    told: Told = silent,
    complete: bool = True,
    guests: Guests | None = None,
    windows: int | None = None,
) -> Collection | None:
    """Mine window after window until no prompt of the collection waits; or, unless it is to be
    `complete`, until what waits is not worth it, or until so many `windows` are mined and more
    waits: then the collection.

    When another process placed the same window meanwhile, its outcome stands, and reading goes on
    behind it.
    """
    mined = 0
    while True:
        async with canon.turn:
            if not complete and (collection := await _not_worth_it(canon, collection_name)):
                await _evolve(canon, collection_name, complete=complete)
                return collection
            window = await next_window(
                canon.record, collection_name, guests or Guests(), canon.window
            )
            if window is None:
                await _evolve(canon, collection_name, complete=complete)
                return None
            told(Progress("mine", window.until - len(window.prompts), window.collection.last_seq))
            outcome = await _mined(canon, window)
            related = await _related(canon, window, outcome)
            await _write(canon.record, window, outcome, related, guests or Guests())
            await canon.nearest.renew(canon.record, window.collection)
        told(Progress("mine", window.until, window.collection.last_seq))
        mined += 1
        if mined == windows and window.until < window.collection.last_seq:
            return window.collection


async def _evolve(canon: Canon, collection_name: str, *, complete: bool) -> None:
    await evolve(canon.record, canon.reception.clock, collection_name, complete=complete)


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


async def _mined(canon: Canon, window: Window) -> Outcome:
    """Off the event loop: in a thread, or where others must stay quick in a process of its own."""
    work = partial(mine, window, minimum=canon.minimum, threshold=canon.threshold)
    if canon.isolated:
        return await anyio.to_process.run_sync(work)
    return await anyio.to_thread.run_sync(work)


async def _related(canon: Canon, window: Window, outcome: Outcome) -> Related:
    """Families of what lives now, where the window changed anything."""
    asked = await ask(canon.embedder, window, outcome)
    known = decided(window.families, window.intents)
    changed = {version.lineage_id for version in outcome.versions} & set(asked.telling)
    related = await relate(
        canon.embedder,
        list(asked.telling.values()),
        known,
        changed=changed,
        ruling=window.ruling,
        intents=asked.intents,
    )
    homes = {intent.id: intent.family_id for intent in related.intents}
    return replace(
        related,
        lineages=(*related.lineages, *asked.open),
        families=(*related.families, *asked.families),
        dead=(*related.dead, *asked.dead),
        homes={**asked.homes, **{key: homes[own] for key, own in asked.held.items()}},
        held=asked.held,
    )


class _OvertakenError(Exception):
    """Somebody else has placed the window, or corrected something meanwhile."""


async def _claim(tx: Transaction, window: Window) -> None:
    """Take the window. Marking comes first: whoever corrects holds the mark until it is written."""
    collection = window.collection
    try:
        await tx.collections.mark_placed(
            collection.id, window.until, expected=collection.placed_seq
        )
    except Conflict as error:
        raise _OvertakenError from error
    if tuple(await tx.corrections.standing(collection.name)) != window.corrections:
        raise _OvertakenError


async def _write(
    record: UnitOfWork, window: Window, outcome: Outcome, related: Related, guests: Guests
) -> None:
    """Everything a window brought, its outbox rows and the checkpoint: all, or nothing when
    somebody else has placed the window, or corrected something meanwhile."""
    with suppress(_OvertakenError):
        async with record.begin() as tx:
            await _claim(tx, window)
            await _keep(tx, window, outcome, related, guests)


async def _keep(
    tx: Transaction, window: Window, outcome: Outcome, related: Related, guests: Guests
) -> None:
    """A prompt that was placed when it came in, one by one, may stand alone after all."""
    placed = {placement.prompt_id for placement in outcome.placements}
    alone = [prompt.id for prompt in window.prompts if prompt.id not in placed]
    displaced = [*outcome.displaced, *alone]
    changed = {line.id: line for line in (*outcome.lineages, *related.lineages)}
    names = window.ruling.names
    lineages = [replace(line, name=names.get(line.id, line.name)) for line in changed.values()]
    await tx.families.save(related.families)
    await tx.templates.save_lineages(lineages)
    for line in lineages:
        await tx.templates.publish(guests.versions.get(line.id, ()))
        await tx.templates.record_events(guests.events.get(line.id, ()))
    await tx.templates.publish(outcome.versions)
    await tx.templates.place(outcome.placements)
    await tx.templates.displace(displaced)
    before = set(window.intents)
    await carry(tx, [intent for intent in related.intents if intent not in before])
    await tx.intents.hold(related.held)
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
        masked=receipt.masked,
        first_id=receipt.first_id,
    )
