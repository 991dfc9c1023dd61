"""What is true once a correction is taken back: what else people said holds on, and families are
found anew for what it was about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promptuary.canon.joining import NOTHING, Parting, parting
from promptuary.canon.relating import Related, decided, relate
from promptuary.canon.ruling import Ruling, ruling_of
from promptuary.canon.uniting import folds, given_back
from promptuary.canon.windows import families_of
from promptuary.domain.corrections import Correction
from promptuary.domain.prompts import Collection
from promptuary.domain.templates import Family, Intent, Lineage
from promptuary.ports.embedder import Embedder
from promptuary.ports.unit_of_work import Transaction

FAMILIES = frozenset({"merge", "move", "split", "apart", "join"})
"""Kinds of corrections that say which family something is in."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What there is without a correction: `lines` and `intents` as they are before their families
    are found, what is `ruled` by the rest, which intents are `folded` into which, and how clusters
    that were made one part."""

    correction: Correction
    collection: Collection
    lines: tuple[Lineage, ...]
    families: tuple[Family, ...]
    intents: tuple[Intent, ...]
    ruled: Ruling
    folded: Mapping[str, str]
    parted: Parting

    async def related(self, embedder: Embedder) -> Related:
        """Families for what the correction was about."""
        known = self.correction
        telling = [line for line in self.lines if line.family_id or line.id in self.parted.revived]
        about = {*known.ids, *known.apart}
        if not {line.id for line in self.lines} & {*known.ids}:
            about = set()  # no cluster moved, only prompts that belong to families by themselves
        return await relate(
            embedder,
            telling,
            self.families,
            changed=about & {line.id for line in telling},
            ruling=self.ruled,
            intents=self.intents,
        )


async def undoing(tx: Transaction, known: Correction) -> Undoing:
    """What there would be, had nobody made that correction."""
    collection = await tx.collections.get(known.collection)
    standing = await tx.corrections.standing(known.collection)
    rest = [each for each in standing if each.id != known.id]
    revived = known.ids[1:] if known.kind == "join" else ()
    intents = {each.id: each for each in await tx.intents.of(collection.id)}
    folded = await _folded(tx, known, intents)
    families = decided(await families_of(tx, collection.id), intents.values())
    ruled = await ruling_of(tx, rest, revived=revived, folded=folded)
    parted = await parting(tx, known, ruled, collection) if revived else NOTHING
    lines = {line.id: line for line in await tx.templates.lineages(collection.id)}
    for key, target in folded.items():
        gone = intents.pop(key)
        intents[target] = given_back(intents[target], gone)
    return Undoing(
        correction=known,
        collection=collection,
        lines=tuple((lines | dict(parted.lines)).values()),
        families=tuple(families),
        intents=tuple(intents.values()),
        ruled=ruled,
        folded=folded,
        parted=parted,
    )


async def _folded(
    tx: Transaction, known: Correction, living: Mapping[str, Intent]
) -> dict[str, str]:
    """What the correction cut out, and what gets it back."""
    if known.kind != "split":
        return {}
    wanted = list(known.apart)
    merged: dict[str, str] = {}
    while wanted:
        found = await tx.intents.some(wanted)
        merged |= {each.id: each.merged_into for each in found if each.merged_into}
        wanted = [each.merged_into for each in found if each.merged_into]
    return {
        key: target
        for key, target in folds(known.id, known.apart, merged).items()
        if key in living and target in living
    }
