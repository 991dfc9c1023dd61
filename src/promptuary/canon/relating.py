"""Which lineages belong to one family, with ids that stay while most of a family stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import anyio.to_thread
import numpy as np

from promptuary.canon.families.centring import BACKGROUND, Floats, centred, unit
from promptuary.canon.families.kin import FamilyItem, families
from promptuary.canon.families.naming import family_name, fixed_text, keep_identity
from promptuary.canon.ruling import Ruling
from promptuary.canon.uniting import settled
from promptuary.domain.templates import Family, Intent, Lineage
from promptuary.ports.embedder import Embedder

AROUND = 400
"""About so many lineages are grouped anew with those that changed: enough to tell which words are
rare, and few, since grouping is quadratic."""


@dataclass(frozen=True, slots=True)
class Related:
    """Lineages whose family changed, the families that changed, those without a member, which
    prompts belong to another family, or none, by themselves from now on, the intents as they are
    then, and prompts that join one."""

    lineages: tuple[Lineage, ...]
    families: tuple[Family, ...]
    dead: tuple[str, ...]
    homes: Mapping[str, str | None] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)


async def relate(
    embedder: Embedder,
    lineages: Sequence[Lineage],
    known: Sequence[Family],
    *,
    changed: Iterable[str],
    ruling: Ruling | None = None,
    intents: Sequence[Intent] = (),
) -> Related:
    """Find families for the living lineages of a collection that have none or were `changed`.

    These are grouped anew together with the families nearest to them; all others stay as they are.
    What people ruled holds whatever the lineages are like, and decides alone where `intents` go.
    """
    pairs = ruling.pairs if ruling else {}
    bound = ruling.bound if ruling else frozenset()
    fresh = {line.id for line in lineages if line.family_id is None} | set(changed)
    ids = {line.id: line.family_id for line in lineages if line.family_id is not None}
    if fresh:
        meaning = await _meanings(embedder, lineages)
        around = _around(lineages, meaning, fresh, bound)
        items = await family_items(embedder, [lineages[at] for at in around])
        groups = await anyio.to_thread.run_sync(partial(families, items, pairs=pairs))
        ids |= keep_identity(ids, groups)
    return housed(lineages, known, ids, settled(intents, pairs, ids))


async def family_items(embedder: Embedder, lineages: Sequence[Lineage]) -> list[FamilyItem]:
    """What families are made of, one a lineage."""
    meaning = await _meanings(embedder, lineages)
    texts = [text for line in lineages for text in line.examples]
    vectors = iter(await embedder.embed(texts))
    sums = [sum(next(vectors) for _ in line.examples) for line in lineages]
    zero = np.zeros(meaning.shape[1], dtype=np.float32)
    background = await embedder.embed(BACKGROUND)
    examples = centred(unit(np.stack([one + zero for one in sums])), background)
    return [
        FamilyItem(
            line.id,
            fixed_text(line.template.text),
            tuple(slot.type for slot in line.template.slots),
            meaning[at],
            examples[at],
        )
        for at, line in enumerate(lineages)
    ]


async def _meanings(embedder: Embedder, lineages: Sequence[Lineage]) -> Floats:
    """Of the fixed text of each, one row a lineage."""
    fixed = [" ".join(fixed_text(line.template.text).split()) for line in lineages]
    return centred(await embedder.embed(fixed), await embedder.embed(BACKGROUND))


def _around(
    lineages: Sequence[Lineage], meaning: Floats, fresh: set[str], bound: frozenset[str]
) -> list[int]:
    """Fresh lineages and whole families: those that people had a say in, then those nearest to a
    fresh one."""
    own = [at for at, line in enumerate(lineages) if line.id in fresh]
    near = (meaning @ meaning[own].T).max(axis=1)
    families: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lineages):
        if line.id not in fresh and line.family_id is not None:
            families[line.family_id].append(at)
    nearest = sorted(families, key=lambda key: (-float(near[families[key]].max()), key))
    said = {line.family_id for line in lineages if line.id in bound}
    chosen = own + [at for family in nearest if family in said for at in families[family]]
    for family in nearest:
        if family in said:
            continue
        if len(chosen) >= AROUND:
            break
        chosen = chosen + families[family]
    return chosen


def decided(families: Iterable[Family], intents: Iterable[Intent]) -> list[Family]:
    """The families that relating decides about: with templates, or prompts that people had a say
    in. All others are found by what their prompts ask alone."""
    said = {intent.family_id for intent in intents}
    return [family for family in families if family.templates or family.id in said]


def housed(
    lineages: Sequence[Lineage],
    known: Sequence[Family],
    ids: Mapping[str, str],
    intents: Sequence[Intent] = (),
) -> Related:
    """What changes when the lineages have the families of these ids, and `intents` theirs. `known`
    are the families that have any of both."""
    placed = [
        line if line.family_id == ids[line.id] else replace(line, family_id=ids[line.id])
        for line in lineages
    ]
    members: Mapping[str, list[Lineage]] = defaultdict(list)
    for line in placed:
        members[ids[line.id]].append(line)
    own: Mapping[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        if intent.size and intent.family_id:
            own[intent.family_id].append(intent)
    before = {family.id: family for family in known}
    keys = dict.fromkeys([*members, *own])
    now = [_family(key, members.get(key, ()), own.get(key, ()), before.get(key)) for key in keys]
    return Related(
        lineages=tuple(line for line, old in zip(placed, lineages, strict=True) if line is not old),
        families=tuple(family for family in now if before.get(family.id) != family),
        dead=tuple(sorted(before.keys() - keys.keys())),
        intents=tuple(intents),
    )


def _family(
    family_id: str, lines: Sequence[Lineage], intents: Sequence[Intent], old: Family | None
) -> Family:
    parts: tuple[Lineage | Intent, ...] = (*lines, *intents)
    return Family(
        id=family_id,
        collection=parts[0].collection,
        name=(old and old.name) or _name(lines, intents),
        size=sum(part.size for part in parts),
        templates=len(lines),
        created_at=old.created_at if old else min(part.created_at for part in parts),
        updated_at=max(part.updated_at for part in parts),
        parent_id=old.parent_id if old else None,
    )


def _name(lines: Sequence[Lineage], intents: Sequence[Intent]) -> str:
    if not lines:
        return max(intents, key=lambda intent: (intent.size, intent.id)).name
    largest = sorted(lines, key=lambda line: (-line.size, line.first_seq))
    return family_name([line.template.text for line in largest]) or largest[0].name
