"""One prompt at a time: saved and placed at once, by a matcher that is kept ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

import anyio.to_thread

from promptuary.canon.browse import placed_prompt, with_placement
from promptuary.canon.drafting import placement_of
from promptuary.canon.joining import wordings
from promptuary.canon.matching.place import Match, Matcher
from promptuary.canon.mining import matcher_of
from promptuary.canon.receive import Receipt, Reception, arriving, numbered, save
from promptuary.canon.ruling import ruling_of
from promptuary.canon.screening import screened
from promptuary.domain.prompts import Collection, IncomingPrompt, NewPrompt, Prompt
from promptuary.domain.reports import PlacedPrompt
from promptuary.domain.templates import Lineage, Placement
from promptuary.ports.unit_of_work import UnitOfWork

PAGE = 1_000
"""Prompts read and placed at a time."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A matcher for the templates of a collection as they stood at `placed_seq`."""

    placed_seq: int
    matcher: Matcher
    lineages: dict[str, Lineage]
    joined: dict[str, Lineage]
    names: dict[str, str]
    takers: Mapping[str, str]

    def placed(self, own_id: str, match: Match) -> Placement:
        """What the record keeps of a prompt's match."""
        known = self.lineages.get(match.key) or self.joined[match.key]
        placement = placement_of(own_id, match, known.template, self.names)
        return replace(placement, lineage_id=self.takers.get(match.key, match.key))


class Nearest:
    """Keeps one matcher a collection, built again when a window has changed the templates."""

    def __init__(self, threshold: float | None) -> None:
        self._threshold = threshold
        self._ready: dict[str, _Ready] = {}
        self._renewing: set[str] = set()

    async def submit(
        self, parts: Reception, collection: Collection, incoming: IncomingPrompt
    ) -> PlacedPrompt:
        """Save a prompt that was checked, with its placement, in one transaction.

        Raises Conflict when its id is known with another text.
        """
        ((clean, verdict),) = await screened(parts.moderator, parts.record, collection, [incoming])
        batch_id = str(uuid4())
        (item,) = numbered([clean], batch_id)
        receipt = Receipt(batch_id)
        fresh = arriving(collection.id, item, verdict, parts.clock.now(), receipt.times)
        placement = await self._placement(parts.record, collection, fresh)
        async with parts.record.begin() as tx:
            (saved,) = await save(parts, tx, collection, [fresh], receipt)
            known = [] if saved.new_text else await tx.templates.placements([fresh.id])
            if placement is not None and not known:
                await tx.templates.place([placement])
                known = [placement]
            if verdict.allowed:
                await tx.outbox.add("prompt", [fresh.id])
            (prompt,) = await tx.prompts.get([fresh.id])
            return await with_placement(tx, prompt, collection, known)

    async def place_one(self, record: UnitOfWork, prompt: Prompt) -> PlacedPrompt:
        """Place a prompt that is saved, if a template explains it; indexes hear of it."""
        async with record.read() as tx:
            collection = await tx.collections.get(prompt.collection)
        ready = await self._matcher(record, collection)
        (match,) = ready.matcher.match([prompt.text])
        async with record.begin() as tx:
            if match and not await tx.templates.placements([prompt.id]):
                await tx.templates.place([ready.placed(prompt.id, match)])
            await tx.outbox.add("prompt", [prompt.id])
        return await placed_prompt(record, prompt.id)

    async def renew(self, record: UnitOfWork, collection: Collection) -> None:
        """Make the matcher of a collection anew, if anybody has needed it; whoever needs it
        meanwhile takes the one before."""
        if collection.id in self._ready:
            await self._build(record, collection)

    async def place_all(self, record: UnitOfWork, collection: Collection, *, after: int) -> None:
        """Place the prompts behind the seq `after` that a template explains; they go on waiting."""
        ready = await self._matcher(record, collection)
        while True:
            async with record.read() as tx:
                page = await tx.prompts.after(collection.id, after, limit=PAGE)
            if not page:
                return
            safe = [prompt for prompt in page if not prompt.aside]
            texts = [prompt.text for prompt in safe]
            matches = await anyio.to_thread.run_sync(ready.matcher.match, texts)
            async with record.begin() as tx:
                known = await tx.templates.placements([prompt.id for prompt in safe])
                placed = {placement.prompt_id for placement in known}
                fresh = zip(safe, matches, strict=True)
                await tx.templates.place(
                    [ready.placed(p.id, m) for p, m in fresh if m and p.id not in placed]
                )
                await tx.outbox.add("prompt", [prompt.id for prompt in safe])
            after = page[-1].seq

    async def lineages(self, record: UnitOfWork, collection: Collection) -> Mapping[str, Lineage]:
        """The lineages by id as the last window left them, without reading them each time."""
        return (await self._matcher(record, collection)).lineages

    async def _placement(
        self, record: UnitOfWork, collection: Collection, fresh: NewPrompt
    ) -> Placement | None:
        if not fresh.verdict.allowed:
            return None
        ready = await self._matcher(record, collection)
        (match,) = ready.matcher.match([fresh.text])
        if match is None:
            return None
        return ready.placed(fresh.id, match)

    async def _matcher(self, record: UnitOfWork, collection: Collection) -> _Ready:
        ready = self._ready.get(collection.id)
        current = ready is not None and ready.placed_seq == collection.placed_seq
        if ready is None or not (current or collection.id in self._renewing):
            ready = await self._build(record, collection)
        return ready

    async def _build(self, record: UnitOfWork, collection: Collection) -> _Ready:
        self._renewing.add(collection.id)
        try:
            async with record.read() as tx:
                placed_seq = (await tx.collections.get(collection.name)).placed_seq
                lineages = await tx.templates.lineages(collection.id)
                ruled = await ruling_of(tx, await tx.corrections.standing(collection.name))
                joined = await wordings(tx, ruled)
            every = [*lineages, *joined]
            matcher = await anyio.to_thread.run_sync(matcher_of, every, self._threshold)
        finally:
            self._renewing.discard(collection.id)
        known = {line.id: line for line in lineages}
        apart = {line.id: line for line in joined}
        names = {line.id: line.name for line in every}
        ready = _Ready(placed_seq, matcher, known, apart, names, ruled.joined)
        self._ready[collection.id] = ready
        return ready
