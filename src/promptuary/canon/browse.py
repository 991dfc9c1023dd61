"""Reading what is known: a prompt with its placement, a template's history, an export."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from promptuary.canon.templates.versions import diff
from promptuary.domain.errors import NotFound
from promptuary.domain.prompts import Collection, Occurrence, Prompt
from promptuary.domain.reports import PlacedPrompt, PlacementRow, TemplateDiff
from promptuary.domain.templates import Lineage, Placement, Template
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

EXPORT_BATCH = 500
ASKS_THE_SAME = "its family is that of prompts which ask the same, by meaning and words"
"""Why a prompt belongs to a family by itself."""


async def placed_prompt(record: UnitOfWork, prompt_id: str) -> PlacedPrompt:
    """A prompt with its placement. Raises NotFound."""
    async with record.read() as tx:
        found = await tx.prompts.get([prompt_id])
        if not found:
            raise NotFound("prompt", prompt_id)
        (prompt,) = found
        collection = await tx.collections.get(prompt.collection)
        placements = await tx.templates.placements([prompt_id])
        return await with_placement(tx, prompt, collection, placements)


async def with_placement(
    tx: Transaction, prompt: Prompt, collection: Collection, placements: Sequence[Placement]
) -> PlacedPrompt:
    """A prompt, the placements there are of it (one, if any), and where these stand."""
    waits = not prompt.aside and prompt.seq > collection.placed_seq and not placements
    if not placements:
        return PlacedPrompt(prompt, None, prompt.family_id, waits)
    lineage = await tx.templates.lineage(placements[0].lineage_id)
    family = prompt.family_id or lineage.family_id
    return PlacedPrompt(prompt, placements[0], family, waiting=False)


async def counts(record: UnitOfWork) -> tuple[int, int, int, int]:
    """Living lineages, lineages ever founded, versions ever published, jobs that wait."""
    async with record.read() as tx:
        waiting = await tx.jobs.list(state="waiting", limit=1)
        return (*await tx.templates.tally(), waiting.total)


async def template(record: UnitOfWork, template_id: str) -> Template:
    """Any version by its id; a lineage's id gives its current version. Raises NotFound."""
    async with record.read() as tx:
        return await _template(tx, template_id)


async def _template(tx: Transaction, template_id: str) -> Template:
    try:
        return await tx.templates.get(template_id)
    except NotFound:
        try:
            return (await tx.templates.lineage(template_id)).template
        except NotFound:
            raise NotFound("template", template_id) from None


async def versions(record: UnitOfWork, template_id: str) -> list[Template]:
    """The history of the lineage that a template's (or the lineage's own) id belongs to."""
    async with record.read() as tx:
        known = await _template(tx, template_id)
        return await tx.templates.history(known.lineage_id)


async def compare(record: UnitOfWork, from_id: str, to_id: str) -> TemplateDiff:
    """How two versions differ, and how many prompts stand under the second. Raises NotFound."""
    async with record.read() as tx:
        old, new = await _template(tx, from_id), await _template(tx, to_id)
        moved = await tx.templates.placed_count(new.id)
    return difference(old, new, moved)


def difference(old: Template, new: Template, moved: int) -> TemplateDiff:
    """How two versions differ; `moved` prompts stand under the second."""
    before = [slot.name for slot in old.slots]
    after = [slot.name for slot in new.slots]
    return TemplateDiff(
        from_template_id=old.id,
        to_template_id=new.id,
        from_version=old.version,
        to_version=new.version,
        lines=diff(old.text, new.text),
        slots_added=tuple(name for name in after if name not in before),
        slots_removed=tuple(name for name in before if name not in after),
        moved_prompts=moved,
    )


async def placement_rows(record: UnitOfWork, name: str) -> AsyncIterator[PlacementRow]:
    """One row a sent prompt of the collection of that name, in order of arrival, streamed."""
    async with record.read() as tx:
        collection = await tx.collections.get(name)
        lineages = {line.id: line for line in await tx.templates.lineages(collection.id)}
        texts: dict[str, str] = {}
        batch: list[Occurrence] = []
        async for occurrence in tx.prompts.occurrences(collection.id):
            batch.append(occurrence)
            if len(batch) == EXPORT_BATCH:
                for row in await _rows(tx, batch, lineages, texts):
                    yield row
                batch = []
        for row in await _rows(tx, batch, lineages, texts):
            yield row


async def _rows(
    tx: Transaction,
    batch: Sequence[Occurrence],
    lineages: Mapping[str, Lineage],
    texts: dict[str, str],
) -> list[PlacementRow]:
    ids = list(dict.fromkeys(occurrence.prompt_id for occurrence in batch))
    placed = {placement.prompt_id: placement for placement in await tx.templates.placements(ids)}
    for wanted in {placement.template_id for placement in placed.values()} - texts.keys():
        texts[wanted] = (await tx.templates.get(wanted)).text
    homes = await tx.families.homes(ids)
    return [
        _row(item, placed.get(item.prompt_id), homes.get(item.prompt_id), lineages, texts)
        for item in batch
    ]


def _row(
    occurrence: Occurrence,
    placement: Placement | None,
    home: str | None,
    lineages: Mapping[str, Lineage],
    texts: Mapping[str, str],
) -> PlacementRow:
    own = occurrence.key.removeprefix("id:")
    if placement is None:
        why = (ASKS_THE_SAME,) if home else ()
        return PlacementRow(own, occurrence.prompt_id, None, None, {}, home, None, None, why)
    return PlacementRow(
        id=own,
        prompt_id=occurrence.prompt_id,
        cluster_id=placement.lineage_id,
        template=texts[placement.template_id],
        slots=placement.slots,
        family_cluster=home or lineages[placement.lineage_id].family_id,
        residual=placement.residual,
        confidence=placement.confidence,
        reasons=(*placement.reasons, *((ASKS_THE_SAME,) if home else ())),
    )
