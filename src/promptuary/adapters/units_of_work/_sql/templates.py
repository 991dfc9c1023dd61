"""Lineages, their versions, and what happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, ColumnElement, Select, delete, func, select

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.placements import SqlPlacements
from promptuary.adapters.units_of_work._sql.rows import (
    event_row,
    lineage_row,
    slot_rows,
    template_row,
    to_event,
    to_lineage,
    to_template,
)
from promptuary.adapters.units_of_work._sql.schema import (
    canonical_templates,
    clusters,
    evolution_events,
    family_cluster_mappings,
    template_slots,
)
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.templates import EvolutionEvent, Lineage, Placement, Template

_ORDERS = {
    "size": Order((clusters.c.size, clusters.c.id), (True, False)),
    "created": Order((clusters.c.created_at, clusters.c.id), (True, False)),
}
_LINEAGES = (
    select(
        clusters,
        canonical_templates,
        family_cluster_mappings.c.family_id,
        collection_name(clusters.c.collection_id),
    )
    .join(canonical_templates, canonical_templates.c.id == clusters.c.current_template_id)
    .outerjoin(family_cluster_mappings, family_cluster_mappings.c.cluster_id == clusters.c.id)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_OVERWRITTEN = (
    "name",
    "confidence_score",
    "current_template_id",
    "size",
    "first_seq",
    "last_seq",
    "examples",
    "tallies",
    "merged_into",
    "created_at",
    "updated_at",
)


class SqlTemplates:
    """The port `Templates`."""

    def __init__(self, db: Statements) -> None:
        self._db = db
        self._placements = SqlPlacements(db)

    async def lineages(self, collection_id: str) -> list[Lineage]:
        """Every living lineage of a collection, oldest first."""
        living = _LINEAGES.where(
            same(clusters.c.collection_id, collection_id), clusters.c.merged_into.is_(None)
        )
        rows = await self._db.rows(living.order_by(clusters.c.first_seq, clusters.c.id))
        return [to_lineage(row) for row in rows]

    async def lineage(self, lineage_id: str) -> Lineage:
        """Raises NotFound. A merged lineage is returned as it stands."""
        row = await self._db.row(_LINEAGES.where(same(clusters.c.id, lineage_id)))
        if row is None:
            raise NotFound("lineage", lineage_id)
        return to_lineage(row)

    async def some(self, lineage_ids: Sequence[str]) -> list[Lineage]:
        """The lineages that exist, in the order asked."""
        found: dict[str, Lineage] = {}
        for some in chunks(list(dict.fromkeys(lineage_ids))):
            rows = await self._db.rows(_LINEAGES.where(among(clusters.c.id, some)))
            found.update({row[clusters.c.id]: to_lineage(row) for row in rows})
        return [found[each] for each in lineage_ids if each in found]

    async def leading_texts(self, family_ids: Sequence[str], *, limit: int) -> dict[str, list[str]]:
        """The current texts of each family's largest living lineages."""
        texts: dict[str, list[str]] = defaultdict(list)
        for some in chunks(list(dict.fromkeys(family_ids))):
            for row in await self._db.rows(_leading(some, limit)):
                texts[row["family_id"]].append(row["template_content"])
        return dict(texts)

    async def save_lineages(self, lineages: Sequence[Lineage]) -> None:
        """Write or overwrite by id, with its current template as a version."""
        saved = self._db.upsert(clusters, "id", "collection_id", *_OVERWRITTEN)
        await self._db.many(saved, [lineage_row(lineage) for lineage in lineages])
        await self._join_families(lineages)
        await self.publish([lineage.template for lineage in lineages])

    async def _join_families(self, lineages: Sequence[Lineage]) -> None:
        mapping = family_cluster_mappings
        joined = self._db.upsert(mapping, "cluster_id", "family_id")
        rows = [
            {"id": str(uuid4()), "cluster_id": lineage.id, "family_id": lineage.family_id}
            for lineage in lineages
            if lineage.family_id is not None
        ]
        await self._db.many(joined, rows)
        for some in chunks([lineage.id for lineage in lineages if lineage.family_id is None]):
            await self._db.run(delete(mapping).where(among(mapping.c.cluster_id, some)))

    async def publish(self, templates: Sequence[Template]) -> None:
        """Add versions; an id that exists is left as it is (versions never change)."""
        wanted = {template.id: template for template in templates}
        for some in chunks(list(wanted)):
            known = select(canonical_templates.c.id)
            rows = await self._db.rows(known.where(among(canonical_templates.c.id, some)))
            for row in rows:
                del wanted[row["id"]]
        for template in wanted.values():
            _numbers(template)
        added = [template_row(template) for template in wanted.values()]
        await self._db.many(canonical_templates.insert(), added)
        slots = [row for template in wanted.values() for row in slot_rows(template)]
        await self._db.many(template_slots.insert(), slots)

    async def get(self, template_id: str) -> Template:
        """Any version. Raises NotFound."""
        found = await self._templates(same(canonical_templates.c.id, template_id))
        if not found:
            raise NotFound("template", template_id)
        return found[0]

    async def history(self, lineage_id: str) -> list[Template]:
        """All versions, ascending by version. Raises NotFound for an unknown lineage."""
        found = await self._templates(same(canonical_templates.c.cluster_id, lineage_id))
        if not found:
            raise NotFound("lineage", lineage_id)
        return sorted(found, key=_numbers)

    async def _templates(self, where: ColumnElement[bool]) -> list[Template]:
        wanted = select(canonical_templates).set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        return [to_template(row) for row in await self._db.rows(wanted.where(where))]

    async def place(self, placements: Sequence[Placement]) -> None:
        """Write or overwrite a prompt's placement (one a prompt)."""
        await self._placements.place(placements)

    async def displace(self, prompt_ids: Sequence[str]) -> None:
        """Remove their placements: they stand alone again."""
        await self._placements.displace(prompt_ids)

    async def placements(self, prompt_ids: Sequence[str]) -> list[Placement]:
        """The placements that exist, in the order asked."""
        return await self._placements.get(prompt_ids)

    async def tally(self) -> tuple[int, int, int]:
        """Living lineages, lineages ever founded, versions ever published."""
        founded = select(func.count()).select_from(clusters)
        published = select(func.count()).select_from(canonical_templates)
        living = founded.where(clusters.c.merged_into.is_(None))
        counts = (each.scalar_subquery() for each in (living, founded, published))
        row = await self._db.row(
            select(*(count.label(f"n{at}") for at, count in enumerate(counts)))
        )
        return (0, 0, 0) if row is None else (row["n0"], row["n1"], row["n2"])

    async def homes(self, prompt_ids: Sequence[str]) -> dict[str, str]:
        """The lineage that each placed prompt stands under."""
        return await self._placements.homes(prompt_ids)

    async def placed_count(self, template_id: str) -> int:
        """How many distinct prompts stand under that version."""
        return await self._placements.count(template_id)

    async def record_events(self, events: Sequence[EvolutionEvent]) -> None:
        """Append; an event id that exists is left as it is."""
        ordinals: dict[str, int] = defaultdict(int)
        of = evolution_events.c.cluster_id
        last = select(of, func.max(evolution_events.c.ordinal).label("last")).group_by(of)
        for some in chunks(list({event.lineage_id for event in events})):
            rows = await self._db.rows(last.where(among(of, some)))
            ordinals.update({row["cluster_id"]: row["last"] for row in rows})
        added = []
        for event in events:
            ordinals[event.lineage_id] += 1
            added.append(event_row(event, ordinals[event.lineage_id]))
        await self._db.many(self._db.insert_missing(evolution_events), added)

    async def events(self, lineage_id: str) -> list[EvolutionEvent]:
        """What happened to a lineage, oldest first."""
        columns = evolution_events.c
        wanted = select(evolution_events).where(same(columns.cluster_id, lineage_id))
        ordered = wanted.order_by(columns.created_at, columns.ordinal, columns.id)
        return [to_event(row) for row in await self._db.rows(ordered)]

    async def list(
        self,
        collection_id: str | None = None,
        *,
        family_id: str | None = None,
        sort: Literal["size", "created"] = "size",
        cursor: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Lineage]:
        """Living lineages, largest (or newest) first."""
        living: list[ColumnElement[bool]] = [clusters.c.merged_into.is_(None)]
        total: Select[Any] = select(func.count()).select_from(clusters)
        if collection_id is not None:
            living.append(same(clusters.c.collection_id, collection_id))
        if family_id is not None:
            living.append(same(family_cluster_mappings.c.family_id, family_id))
            total = total.join(family_cluster_mappings)
        name = f"templates {collection_id} {family_id}"
        listing = Listing(name, _ORDERS[sort], cursor, limit, offset)
        rows = _LINEAGES.where(*living)
        return await listing.page(self._db, rows, total.where(*living), to_lineage)


def _leading(family_ids: Sequence[str], limit: int) -> Select[Any]:
    family = family_cluster_mappings.c.family_id
    largest = (clusters.c.size.desc(), clusters.c.id)
    ranked = (
        select(
            family,
            canonical_templates.c.template_content,
            func.row_number().over(partition_by=family, order_by=largest).label("rank"),
        )
        .join(clusters, clusters.c.id == family_cluster_mappings.c.cluster_id)
        .join(canonical_templates, canonical_templates.c.id == clusters.c.current_template_id)
        .where(among(family, family_ids), clusters.c.merged_into.is_(None))
        .subquery()
    )
    columns = ranked.c
    wanted = select(columns.family_id, columns.template_content).where(columns.rank <= limit)
    return wanted.order_by(columns.family_id, columns.rank)


def _numbers(template: Template) -> tuple[int, ...]:
    """A version as numbers, so that 1.10.0 comes after 1.9.0."""
    try:
        return tuple(int(part) for part in template.version.split("."))
    except ValueError:
        raise InvalidInput(
            f"a version is numbers with dots between, not {template.version!r}"
        ) from None
