"""Two records that saw parts of the same traffic become one: the prompts and templates of one come
over into the other.

    their prompts, in their order, with keys, verdicts and counts -> saved behind ours
    their mature templates that we do not have                    -> known while these are placed
    windows of waiting prompts                                    -> as in `ingest`

Prompts are placed anew: that is mostly matching, and what is young on either side is decided with
the prompts of both. A template of theirs keeps its id and history from the first window in which a
prompt is placed under it. Whatever was done before a crash is known when it is done again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from promptuary.canon.ingest import Canon, settle
from promptuary.canon.mining import YOUNG
from promptuary.canon.receive import CHUNK, Receipt, take_in
from promptuary.canon.reconcile import KnownLineage, Proposal, reconcile
from promptuary.canon.windows import Guests
from promptuary.domain.prompts import Collection, NewPrompt, Occurrence, prompt_id
from promptuary.domain.reports import IngestReport, Progress, Told, silent
from promptuary.domain.templates import Lineage
from promptuary.ports.unit_of_work import UnitOfWork


async def merge(
    canon: Canon, source: UnitOfWork, collection_name: str, *, told: Told = silent
) -> IngestReport:
    """Take over a collection of another record, which stays as it is, and place what came.

    Merging the same again changes nothing. Raises NotFound when the other has no such collection.
    """
    async with source.read() as tx:
        theirs = await tx.collections.get(collection_name)
    async with canon.record.begin() as tx:
        ours = await tx.collections.ensure(collection_name)
    receipt = Receipt(batch_id=f"merge:{theirs.last_seq}")
    async for numbered in _prompts(source, theirs, ours):
        await take_in(canon.reception, ours, numbered, receipt)
        told(Progress("save", numbered[-1][0], None))
    await settle(
        canon, collection_name, told=told, guests=await guests(canon, source, theirs, ours)
    )
    async with canon.record.read() as tx:
        placed, alone = await tx.prompts.tally(ours.id, after=ours.last_seq)
    return IngestReport(
        batch_id=receipt.batch_id,
        collection=collection_name,
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        rejected_count=receipt.rejected_count,
        rejected=tuple(receipt.rejected),
        placed=placed,
        alone=alone,
        job_id=None,
    )


async def _prompts(
    source: UnitOfWork, theirs: Collection, ours: Collection
) -> AsyncIterator[list[tuple[int, NewPrompt]]]:
    """Every time a prompt was sent, in order, numbered from 1, so many at once."""
    position = 0
    async with source.read() as tx:
        chunk: list[Occurrence] = []
        async for occurrence in tx.prompts.occurrences(theirs.id):
            chunk.append(occurrence)
            if len(chunk) == CHUNK:
                yield await _numbered(source, chunk, ours, position)
                position, chunk = position + len(chunk), []
    if chunk:
        yield await _numbered(source, chunk, ours, position)


async def _numbered(
    source: UnitOfWork, occurrences: Sequence[Occurrence], ours: Collection, before: int
) -> list[tuple[int, NewPrompt]]:
    async with source.read() as tx:
        prompts = await tx.prompts.get([one.prompt_id for one in occurrences])
    return [
        (
            position,
            NewPrompt(
                id=prompt_id(ours.id, prompt.text),
                text=prompt.text,
                key=one.key,
                verdict=prompt.verdict,
                created_at=one.created_at,
                source=prompt.source,
                metadata=prompt.metadata,
            ),
        )
        for position, (one, prompt) in enumerate(zip(occurrences, prompts, strict=True), before + 1)
    ]


async def guests(canon: Canon, source: UnitOfWork, theirs: Collection, ours: Collection) -> Guests:
    """Their mature templates that are none of ours, with their history, to be known while prompts
    are placed. Their counts are left behind: what is placed under them here is counted here."""
    async with canon.record.read() as tx:
        here = await tx.templates.lineages(ours.id)
    async with source.read() as tx:
        there = [line for line in await tx.templates.lineages(theirs.id) if line.size > YOUNG]
        strange = _strange(here, there)
        return Guests(
            tuple(
                replace(line, family_id=None, size=0, examples=(), tallies={}) for line in strange
            ),
            {line.id: tuple(await tx.templates.history(line.id)) for line in strange},
            {line.id: tuple(await tx.templates.events(line.id)) for line in strange},
        )


def _strange(here: Sequence[Lineage], there: Sequence[Lineage]) -> list[Lineage]:
    """Those of theirs that say something else than any of ours."""
    known = [
        KnownLineage(line.id, line.template.text, line.examples, line.last_seq) for line in here
    ]
    ids = {line.id for line in here}
    fresh = [line for line in there if line.id not in ids]
    proposals = [Proposal(line.template.text, 0) for line in fresh]
    decisions = reconcile(known, proposals)
    return [line for line, one in zip(fresh, decisions, strict=True) if one.verdict == "new"]
