"""A single prompt put under another template by hand."""

from __future__ import annotations

from dataclasses import replace

from promptuary.canon.drafting import placement_of
from promptuary.canon.mining import matcher_of
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Family, Lineage, Placement
from promptuary.ports.unit_of_work import Transaction

BY_HAND = "put there by a person"


async def replaced(tx: Transaction, prompt: Prompt, line: Lineage | None) -> None:
    """Put the prompt under that lineage, or under none, and count what changed: the cluster that
    it leaves, the one it joins, their families."""
    (old_id,) = (await tx.templates.homes([prompt.id])).values() or ("",)
    if line is None:
        await tx.templates.displace([prompt.id])
    else:
        await tx.templates.place([_placement(prompt, line)])
    counts = {old_id: -1, line.id if line else "": 1}
    changed: list[Lineage] = []
    families = await _left(tx, prompt)
    for known in await tx.templates.some([key for key in counts if key]):
        size = max(0, known.size + counts[known.id])
        gone = line.id if line and not size else known.merged_into
        seq = max(known.last_seq, prompt.seq) if line and known.id == line.id else known.last_seq
        changed.append(replace(known, size=size, last_seq=seq, merged_into=gone))
        for family in await tx.families.some([known.family_id] if known.family_id else []):
            before = families.get(family.id, family)
            families[family.id] = replace(before, size=max(0, before.size + counts[known.id]))
    await tx.templates.save_lineages(changed)
    await tx.families.save(list(families.values()))
    await tx.outbox.add("prompt", [prompt.id])
    await tx.outbox.add("lineage", [each.id for each in changed])
    await tx.outbox.add("family", list(families))


async def _left(tx: Transaction, prompt: Prompt) -> dict[str, Family]:
    """The prompt belongs to no family by itself any more; the one that it did belong to."""
    homes = await tx.families.homes([prompt.id])
    of = await tx.intents.homes([prompt.id])
    await tx.families.adopt({prompt.id: None})
    await tx.intents.hold({prompt.id: None})
    intents = await tx.intents.some(list(of.values()))
    await tx.intents.save([replace(each, size=max(0, each.size - 1)) for each in intents])
    found = await tx.families.some(list(homes.values()))
    return {each.id: replace(each, size=max(0, each.size - 1)) for each in found}


def _placement(prompt: Prompt, line: Lineage) -> Placement:
    """By the template where it explains the prompt; else all of it is residual."""
    match = matcher_of([line], None).match([prompt.text])[0]
    if match is not None:
        found = placement_of(prompt.id, match, line.template, {line.id: line.name})
        return replace(found, confidence=1.0, reasons=(BY_HAND, *found.reasons))
    text = residual.between(fill(line.template.text, {}), prompt.text)
    return Placement(prompt.id, line.id, line.template.id, {}, text, 0.0, 1.0, (BY_HAND,))
