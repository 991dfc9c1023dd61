"""Which lineages belong to one family, with ids that stay while most of a family stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from promptuary.canon.templates.regroup import FamilyItem, families, family_name, keep_identity
from promptuary.domain.templates import Family, Lineage

VALUES_COMPARED = 20
"""Values of each slot that say what a template is about."""


@dataclass(frozen=True, slots=True)
class Related:
    """Lineages with their family, the families that changed, and those without a member."""

    lineages: tuple[Lineage, ...]
    families: tuple[Family, ...]
    dead: tuple[str, ...]


def relate(lineages: Sequence[Lineage], known: Sequence[Family]) -> Related:
    """Group all lineages of a collection anew; only what changed is in the result's families."""
    groups = families([_item(lineage) for lineage in lineages])
    old = {line.id: line.family_id for line in lineages if line.family_id is not None}
    ids = keep_identity(old, groups)
    placed = tuple(
        line if line.family_id == ids[line.id] else replace(line, family_id=ids[line.id])
        for line in lineages
    )
    members: Mapping[str, list[Lineage]] = defaultdict(list)
    for line in placed:
        members[ids[line.id]].append(line)
    before = {family.id: family for family in known}
    now = [_family(family_id, lines, before) for family_id, lines in members.items()]
    changed = tuple(family for family in now if before.get(family.id) != family)
    return Related(placed, changed, tuple(sorted(before.keys() - members.keys())))


def _item(lineage: Lineage) -> FamilyItem:
    tallies = lineage.tallies.values()
    values = [value for tally in tallies for value in list(tally.counts)[:VALUES_COMPARED]]
    return FamilyItem(lineage.id, lineage.template.text, tuple(values))


def _family(family_id: str, lines: Sequence[Lineage], before: Mapping[str, Family]) -> Family:
    old = before.get(family_id)
    largest = sorted(lines, key=lambda line: (-line.size, line.first_seq))
    name = old.name if old else family_name([line.template.text for line in largest])
    return Family(
        id=family_id,
        collection=lines[0].collection,
        name=name or largest[0].name,
        size=sum(line.size for line in lines),
        templates=len(lines),
        created_at=old.created_at if old else min(line.created_at for line in lines),
        updated_at=max(line.updated_at for line in lines),
        parent_id=old.parent_id if old else None,
    )
