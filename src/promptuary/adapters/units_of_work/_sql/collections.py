"""Collections: sets of prompts that are mined together."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Label, RowMapping, func, select, update

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema import collections
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Collection, collection_id


def collection_name(id: ColumnElement[str]) -> Label[str]:
    """The name of a row's collection, as `collection`; a subquery, so it steers no plan."""
    return (
        select(collections.c.name)
        .where(collections.c.id == id)
        .scalar_subquery()
        .label("collection")
    )


_BY_NAME = Order((collections.c.name,), (False,))


class SqlCollections:
    """The port `Collections`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def ensure(self, name: str) -> Collection:
        """The collection of that name, made if there was none."""
        found = await self._find(name)
        if found is None:
            row = {"id": collection_id(name), "name": name, "created_at": await self._db.now()}
            await self._db.run(self._db.insert_missing(collections), [row])
            found = await self._find(name)
        if found is None:
            raise NotFound("collection", name)
        return found

    async def get(self, name: str) -> Collection:
        """Raises NotFound."""
        found = await self._find(name)
        if found is None:
            raise NotFound("collection", name)
        return found

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Collection]:
        """By name."""
        listing = Listing("collections", _BY_NAME, cursor, limit)
        total = select(func.count()).select_from(collections)
        return await listing.page(self._db, select(collections), total, _collection)

    async def mark_placed(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Move `placed_seq` from `expected` to `seq`; raises Conflict when it stands elsewhere."""
        here = same(collections.c.id, collection_id)
        moved = update(collections).where(here, collections.c.placed_seq == expected)
        if (await self._db.run(moved.values(placed_seq=seq))).rowcount:
            return
        row = await self._db.row(select(collections.c.placed_seq).where(here))
        if row is None:
            raise NotFound("collection", collection_id)
        raise Conflict(
            f"placed up to {row['placed_seq']}, not {expected}: another placing ran meanwhile"
        )

    async def _find(self, name: str) -> Collection | None:
        row = await self._db.row(select(collections).where(collections.c.name == name))
        return None if row is None else _collection(row)


def _collection(row: RowMapping) -> Collection:
    return Collection(
        id=row["id"],
        name=row["name"],
        last_seq=row["last_seq"],
        placed_seq=row["placed_seq"],
        created_at=row["created_at"],
    )
