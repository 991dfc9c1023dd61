"""What people corrected, in the order they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, func, select, update

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema_corrections import corrections
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page

_own = corrections.c
_LAST_FIRST = Order((_own.position,), (True,))


class SqlCorrections:
    """The port `Corrections`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, correction: Correction) -> None:
        """Raises Conflict when the id exists."""
        insert = self._db.insert_missing(corrections).values(
            id=correction.id,
            collection=correction.collection,
            kind=correction.kind,
            ids=list(correction.ids),
            apart=list(correction.apart),
            name=correction.name,
            made_by=correction.by,
            created_at=correction.created_at,
            undone_at=correction.undone_at,
            undone_by=correction.undone_by,
        )
        if not (await self._db.run(insert)).rowcount:
            raise Conflict(f"a correction with the id {correction.id!r} exists")

    async def get(self, correction_id: str) -> Correction:
        """Raises NotFound."""
        row = await self._db.row(select(corrections).where(same(_own.id, correction_id)))
        if row is None:
            raise NotFound("correction", correction_id)
        return _correction(row)

    async def undo(self, correction_id: str, by: str, at: datetime) -> None:
        """Raises NotFound, and Conflict for one that was undone."""
        known = await self.get(correction_id)
        undone = update(corrections).where(_own.id == known.id, _own.undone_at.is_(None))
        if not (await self._db.run(undone.values(undone_at=at, undone_by=by))).rowcount:
            raise Conflict("that correction was undone before")

    async def standing(self, collection: str) -> list[Correction]:
        """In the order they were made."""
        wanted = select(corrections).where(_own.collection == collection, _own.undone_at.is_(None))
        rows = await self._db.rows(wanted.order_by(_own.position))
        return [_correction(row) for row in rows]

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """The last made first."""
        wanted, total = select(corrections), select(func.count()).select_from(corrections)
        if collection is not None:
            wanted = wanted.where(_own.collection == collection)
            total = total.where(_own.collection == collection)
        listing = Listing(f"corrections {collection}", _LAST_FIRST, cursor, limit)
        return await listing.page(self._db, wanted, total, _correction)


def _correction(row: RowMapping) -> Correction:
    return Correction(
        id=row["id"],
        collection=row["collection"],
        kind=row["kind"],
        ids=tuple(row["ids"]),
        by=row["made_by"],
        created_at=row["created_at"],
        apart=tuple(row["apart"]),
        name=row["name"],
        undone_at=row["undone_at"],
        undone_by=row["undone_by"],
    )
