"""Clusters that people made one: prompts of the others stand under the first, and are still read
by the template they were found with, so that nothing of them is lost and all of it can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from promptuary.canon.ruling import Ruling
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict
from promptuary.domain.pages import each_page
from promptuary.domain.prompts import Collection
from promptuary.domain.templates import Lineage
from promptuary.ports.unit_of_work import Transaction

PAGE = 1_000
"""Prompts that are read and written at a time."""


def refuse(
    into: Lineage, gone: Sequence[Lineage], mates: Sequence[Lineage], standing: Sequence[Correction]
) -> None:
    """Raise Conflict where something that was said before speaks against making these one: the
    text of one that would go is locked, or it is never to meet one of the first one's family."""
    ids = {line.id for line in gone}
    here = {into.id, *(line.id for line in mates)}
    for each in standing:
        about = {*each.ids, *each.apart}
        if each.kind == "lock" and (held := ids & about):
            said = f"the template of {min(held)} is locked; take the correction {each.id} back"
            raise Conflict(f"{said}, or name that cluster first")
        if each.kind == "apart" and (ids & about) and about <= ids | here:
            said = " and ".join(sorted(about))
            raise Conflict(f"{said} are kept apart; take the correction {each.id} back first")


async def joined(
    tx: Transaction, into: Lineage, gone: Sequence[Lineage]
) -> tuple[Lineage, list[Lineage]]:
    """Put their prompts under the first; it and the others as they are from then on."""
    for line in gone:
        while (page := await tx.prompts.list(lineage_id=line.id, limit=PAGE)).items:
            await _put(tx, dict.fromkeys([prompt.id for prompt in page.items], into.id))
    taker = replace(
        into,
        size=into.size + sum(line.size for line in gone),
        last_seq=max(line.last_seq for line in (into, *gone)),
        updated_at=max(line.updated_at for line in (into, *gone)),
    )
    return taker, [replace(line, size=0, family_id=None, merged_into=into.id) for line in gone]


@dataclass(frozen=True, slots=True)
class Parting:
    """What undoing needs: `lines` as they will be (those that live again have no family yet), and
    the cluster that each of these prompts goes back to."""

    lines: Mapping[str, Lineage]
    prompts: Mapping[str, str]
    revived: tuple[str, ...]


NOTHING = Parting({}, {}, ())


async def parting(
    tx: Transaction, correction: Correction, rest: Ruling, collection: Collection
) -> Parting:
    """Which prompts go back where when the joining is undone: those that are read by a template of
    a cluster that lives again, or of one that was joined to it by what is said besides (`rest`)."""
    revived = {line.id: line for line in await tx.templates.some(correction.ids[1:])}
    found = await tx.templates.some(correction.ids[:1])
    while (taker := found[0]).merged_into and taker.merged_into != taker.id:
        found = await tx.templates.some([taker.merged_into])
    own = {key: key for key in revived}
    own |= {key: target for key, target in rest.joined.items() if target in revived}
    home: dict[str, str] = {}
    for key, target in own.items():
        home |= {version.id: target for version in await tx.templates.history(key)}
    prompts: dict[str, str] = {}
    lines = {key: replace(line, merged_into=None) for key, line in revived.items()}
    own_id = taker.id
    async for page in each_page(
        lambda at: tx.prompts.list(lineage_id=own_id, cursor=at, limit=PAGE)
    ):
        seqs = {prompt.id: prompt.seq for prompt in page.items}
        for placed in await tx.templates.placements(list(seqs)):
            if placed.template_id not in home:
                continue
            target = prompts[placed.prompt_id] = home[placed.template_id]
            seq = seqs[placed.prompt_id]
            if seq <= collection.placed_seq:  # the others wait, and are counted with their window
                line = lines[target]
                last = max(line.last_seq, seq)
                lines[target] = replace(line, size=line.size + 1, last_seq=last)
    left = taker.size - sum(line.size for line in lines.values())
    lines[taker.id] = replace(taker, size=max(0, left))
    return Parting(lines, prompts, tuple(revived))


async def part(tx: Transaction, parted: Parting) -> None:
    """Put the prompts back, and let the clusters live again."""
    ids = list(parted.prompts)
    for start in range(0, len(ids), PAGE):
        await _put(tx, {key: parted.prompts[key] for key in ids[start : start + PAGE]})
    await tx.templates.save_lineages(list(parted.lines.values()))
    await tx.outbox.add("lineage", list(parted.lines))


async def _put(tx: Transaction, homes: Mapping[str, str]) -> None:
    """Prompts stand under these clusters, read as before."""
    placed = await tx.templates.placements(list(homes))
    await tx.templates.place([replace(p, lineage_id=homes[p.prompt_id]) for p in placed])
    await tx.outbox.add("prompt", list(homes))


async def hold(tx: Transaction, collection: Collection) -> None:
    """Nobody else mines or joins in the collection until the transaction ends. Raises Conflict
    when somebody did since it was read."""
    at = collection.placed_seq
    await tx.collections.mark_placed(collection.id, at, expected=at)


async def look_again(tx: Transaction, collection: Collection, lines: Sequence[Lineage]) -> None:
    """What changed in these is looked for anew: it was dropped when they were taken over."""
    reached = await tx.evolution.reached(collection.id)
    since = min(line.first_seq for line in lines) - 1
    if since < reached:
        await tx.evolution.mark(collection.id, since, expected=reached)


async def wordings(tx: Transaction, ruled: Ruling) -> tuple[Lineage, ...]:
    """The clusters that were joined to others, each with the template that its prompts are still
    known by."""
    return tuple(await tx.templates.some(sorted(ruled.joined)))
