"""One prompt at a time: placed against the templates known now, by a matcher that is kept ready."""

from __future__ import annotations

from dataclasses import dataclass

import anyio.to_thread

from promptuary.canon.browse import placed_prompt
from promptuary.canon.drafting import placement_of
from promptuary.canon.matching.place import Matcher
from promptuary.canon.mining import matcher_of
from promptuary.canon.receive import Receipt
from promptuary.domain.errors import Conflict
from promptuary.domain.prompts import Collection, prompt_id
from promptuary.domain.reports import PlacedPrompt
from promptuary.domain.templates import Lineage
from promptuary.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Ready:
    """A matcher for the templates of a collection as they stood at `placed_seq`."""

    placed_seq: int
    matcher: Matcher
    lineages: dict[str, Lineage]


class Nearest:
    """Keeps one matcher a collection, built again when a window has changed the templates."""

    def __init__(self, threshold: float | None) -> None:
        self._threshold = threshold
        self._ready: dict[str, _Ready] = {}

    async def place(
        self, record: UnitOfWork, collection: Collection, text: str, receipt: Receipt
    ) -> PlacedPrompt:
        """Place a prompt that was just received and say where it stands.

        Raises Conflict when its id is known with another text.
        """
        refused = receipt.rejected[0] if receipt.rejected else None
        if refused and refused.code == Conflict.code:
            raise Conflict(refused.reason)
        own_id = prompt_id(collection.id, text)
        if not refused:
            await self._place(record, collection, own_id, text)
        return await placed_prompt(record, own_id)

    async def _place(
        self, record: UnitOfWork, collection: Collection, own_id: str, text: str
    ) -> None:
        ready = await self._matcher(record, collection)
        (match,) = ready.matcher.match([text])
        async with record.begin() as tx:
            if match is not None and not await tx.templates.placements([own_id]):
                template = ready.lineages[match.key].template
                names = {line.id: line.name for line in ready.lineages.values()}
                await tx.templates.place([placement_of(own_id, match, template, names)])
            await tx.outbox.add("prompt", [own_id])

    async def _matcher(self, record: UnitOfWork, collection: Collection) -> _Ready:
        ready = self._ready.get(collection.id)
        if ready is None or ready.placed_seq != collection.placed_seq:
            async with record.read() as tx:
                lineages = await tx.templates.lineages(collection.id)
            matcher = await anyio.to_thread.run_sync(matcher_of, lineages, self._threshold)
            ready = _Ready(collection.placed_seq, matcher, {line.id: line for line in lineages})
            self._ready[collection.id] = ready
        return ready
