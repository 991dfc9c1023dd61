"""Families: groups of lineages and of prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import RowMapping, delete, func, select

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema import (
    family_prompt_mappings,
    prompt_families,
)
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.errors import NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id
from promptuary.domain.templates import Family

_columns = prompt_families.c
_members = family_prompt_mappings
_FAMILIES = select(prompt_families, collection_name(_columns.collection_id))
_ORDERS = {
    "size": Order((_columns.size, _columns.id), (True, False)),
    "created": Order((_columns.created_at, _columns.id), (True, False)),
    "name": Order((_columns.name, _columns.id), (False, False)),
}


class SqlFamilies:
    """The port `Families`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, families: Sequence[Family]) -> None:
        """Write or overwrite by id."""
        overwritten = ("parent_family_id", "name", "size", "templates", "created_at", "updated_at")
        saved = self._db.upsert(prompt_families, "id", "collection_id", *overwritten)
        await self._db.many(saved, [_row(family) for family in families])

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget families; what still names one of them has none afterwards."""
        for some in chunks(ids):
            await self._db.run(delete(prompt_families).where(among(_columns.id, some)))

    async def adopt(self, homes: Mapping[str, str | None]) -> None:
        """What each prompt belonged to before is forgotten."""
        for some in chunks(list(homes)):
            await self._db.run(delete(_members).where(among(_members.c.prompt_id, some)))
        rows = [
            {"prompt_id": prompt, "family_id": family}
            for prompt, family in homes.items()
            if family is not None
        ]
        await self._db.many(_members.insert(), rows)

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """Prompts that belong to none are left out."""
        found: dict[str, str] = {}
        for some in chunks(list(dict.fromkeys(prompt_ids))):
            rows = await self._db.rows(select(_members).where(among(_members.c.prompt_id, some)))
            found.update({row["prompt_id"]: row["family_id"] for row in rows})
        return found

    async def get(self, family_id: str) -> Family:
        """Raises NotFound."""
        row = await self._db.row(_FAMILIES.where(same(_columns.id, family_id)))
        if row is None:
            raise NotFound("family", family_id)
        return _family(row)

    async def some(self, ids: Sequence[str]) -> Sequence[Family]:
        """The families that exist, in the order asked."""
        found: dict[str, Family] = {}
        for some in chunks(list(dict.fromkeys(ids))):
            rows = await self._db.rows(_FAMILIES.where(among(_columns.id, some)))
            found.update({row["id"]: _family(row) for row in rows})
        return [found[each] for each in ids if each in found]

    async def list(
        self,
        collection_id: str | None = None,
        *,
        sort: Literal["size", "created", "name"] = "size",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Family]:
        """Largest (newest, by name) first; ties by id."""
        rows = _FAMILIES
        total = select(func.count()).select_from(prompt_families)
        if collection_id is not None:
            here = same(_columns.collection_id, collection_id)
            rows, total = rows.where(here), total.where(here)
        listing = Listing(f"families {collection_id}", _ORDERS[sort], cursor, limit)
        return await listing.page(self._db, rows, total, _family)


def _row(family: Family) -> dict[str, object]:
    return {
        "id": family.id,
        "collection_id": collection_id(family.collection),
        "parent_family_id": family.parent_id,
        "name": family.name,
        "size": family.size,
        "templates": family.templates,
        "created_at": family.created_at,
        "updated_at": family.updated_at,
    }


def _family(row: RowMapping) -> Family:
    return Family(
        id=row["id"],
        collection=row["collection"],
        name=row["name"],
        size=row["size"],
        templates=row["templates"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        parent_id=row["parent_family_id"],
    )
