"""What chat models called things, in the order they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import RowMapping, func, select

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema_namings import namings
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among
from promptuary.domain.errors import Conflict
from promptuary.domain.namings import Naming, SlotWording, Wording
from promptuary.domain.pages import Page

_own = namings.c
_LAST_FIRST = Order((_own.position,), (True,))


class SqlNamings:
    """The port `Namings`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, made: Sequence[Naming]) -> None:
        """Raises Conflict when an id exists."""
        for each in made:
            insert = self._db.insert_missing(namings).values(
                id=each.id,
                collection=each.collection,
                own_id=each.own_id,
                asked=each.asked,
                model=each.model,
                refused=each.refused,
                detail=each.detail,
                wording=asdict(each.wording) if each.wording else None,
                created_at=each.created_at,
            )
            if not (await self._db.run(insert)).rowcount:
                raise Conflict(f"a naming with the id {each.id!r} exists")

    async def of(self, own_ids: Sequence[str]) -> Mapping[str, Naming]:
        """The last of each that was taken."""
        found: dict[str, Naming] = {}
        for some in chunks(list(dict.fromkeys(own_ids))):
            wanted = select(namings).where(among(_own.own_id, some), _own.refused == "")
            rows = await self._db.rows(wanted.order_by(_own.position))
            found.update({row["own_id"]: _naming(row) for row in rows})
        return found

    async def asked(self, digests: Sequence[str]) -> Mapping[str, Naming]:
        """The last of each, refused or not."""
        found: dict[str, Naming] = {}
        for some in chunks(list(dict.fromkeys(digests))):
            wanted = select(namings).where(_own.asked.in_(some)).order_by(_own.position)
            found.update({row["asked"]: _naming(row) for row in await self._db.rows(wanted)})
        return found

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Naming]:
        """The last made first."""
        wanted, total = select(namings), select(func.count()).select_from(namings)
        if collection is not None:
            wanted = wanted.where(_own.collection == collection)
            total = total.where(_own.collection == collection)
        listing = Listing(f"namings {collection}", _LAST_FIRST, cursor, limit)
        return await listing.page(self._db, wanted, total, _naming)


def _naming(row: RowMapping) -> Naming:
    said = row["wording"]
    slots = tuple(SlotWording(**each) for each in said["slots"]) if said else ()
    return Naming(
        id=row["id"],
        collection=row["collection"],
        own_id=row["own_id"],
        asked=row["asked"],
        model=row["model"],
        created_at=row["created_at"],
        wording=Wording(said["name"], said["description"], slots) if said else None,
        refused=row["refused"],
        detail=row["detail"],
    )
