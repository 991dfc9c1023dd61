"""What became of templates over time, as one screen shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from promptuary.domain.prompts import Prompt
from promptuary.domain.reports import TemplateDiff
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Template

RelationKind: TypeAlias = Literal["continues", "split from", "merged into", "variant of"]


@dataclass(frozen=True, slots=True)
class Relation:
    """How one lineage stands to another, and since when, by which event."""

    lineage_id: str
    kind: RelationKind
    other_id: str
    since: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class LineageHistory:
    """A lineage with its first prompt, every version, and what each changed and moved."""

    lineage: Lineage
    first: Prompt | None
    versions: tuple[Template, ...]
    diffs: tuple[TemplateDiff, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A family (None: a lineage without one) with its lineages by first use, all their events by
    time, and how they and others follow one another. `more` lineages were left out, the smallest.
    """

    family: Family | None
    lineages: tuple[LineageHistory, ...]
    events: tuple[EvolutionEvent, ...]
    relations: tuple[Relation, ...]
    more: int = 0
