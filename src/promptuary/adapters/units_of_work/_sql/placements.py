"""Which template explains which prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, delete, func, select, update

from promptuary.adapters.units_of_work._sql.schema import cluster_assignments, prompts
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.templates import Placement

_columns = cluster_assignments.c
_OVERWRITTEN = (
    "cluster_id",
    "template_id",
    "similarity_score",
    "confidence_score",
    "reasoning",
    "slots",
    "residual",
)
_CLUSTER = select(_columns.cluster_id).where(_columns.prompt_id == prompts.c.id)
_POINTED = update(prompts).values(cluster_id=_CLUSTER.scalar_subquery())


class SqlPlacements:
    """The part of the port `Templates` that speaks of placements."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def place(self, placements: Sequence[Placement]) -> None:
        """Write or overwrite a prompt's placement (one a prompt)."""
        placed = self._db.upsert(cluster_assignments, "prompt_id", *_OVERWRITTEN)
        await self._db.many(placed, [_row(placement) for placement in placements])
        for some in chunks([each.prompt_id for each in placements]):
            await self._db.run(_POINTED.where(among(prompts.c.id, some)))

    async def displace(self, prompt_ids: Sequence[str]) -> None:
        """Remove their placements."""
        for some in chunks(list(prompt_ids)):
            await self._db.run(delete(cluster_assignments).where(among(_columns.prompt_id, some)))
            await self._db.run(_POINTED.where(among(prompts.c.id, some)))

    async def get(self, prompt_ids: Sequence[str]) -> list[Placement]:
        """The placements that exist, in the order asked."""
        found: dict[str, Placement] = {}
        for some in chunks(list(dict.fromkeys(prompt_ids))):
            wanted = select(cluster_assignments).where(among(_columns.prompt_id, some))
            found.update({row["prompt_id"]: _placement(row) for row in await self._db.rows(wanted)})
        return [found[each] for each in prompt_ids if each in found]

    async def homes(self, prompt_ids: Sequence[str]) -> dict[str, str]:
        """The lineage that each placed prompt stands under."""
        found: dict[str, str] = {}
        for some in chunks(list(dict.fromkeys(prompt_ids))):
            wanted = select(_columns.prompt_id, _columns.cluster_id)
            rows = await self._db.rows(wanted.where(among(_columns.prompt_id, some)))
            found.update({row["prompt_id"]: row["cluster_id"] for row in rows})
        return found

    async def count(self, template_id: str) -> int:
        """How many distinct prompts stand under that version."""
        placed = select(func.count()).select_from(cluster_assignments)
        return await self._db.number(placed.where(same(_columns.template_id, template_id)))


def _row(placement: Placement) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "prompt_id": placement.prompt_id,
        "cluster_id": placement.lineage_id,
        "template_id": placement.template_id,
        "similarity_score": placement.similarity,
        "confidence_score": placement.confidence,
        "reasoning": json.dumps(placement.reasons, ensure_ascii=False),
        "slots": dict(placement.slots),
        "residual": placement.residual,
    }


def _placement(row: RowMapping) -> Placement:
    return Placement(
        prompt_id=row["prompt_id"],
        lineage_id=row["cluster_id"],
        template_id=row["template_id"],
        slots=row["slots"],
        residual=row["residual"],
        similarity=row["similarity_score"],
        confidence=row["confidence_score"],
        reasons=tuple(json.loads(row["reasoning"])),
    )
