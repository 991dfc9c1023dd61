"""API keys by their lookup id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, func, literal, select, update

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema import api_keys
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import Moment
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.keys import ApiKey
from promptuary.domain.pages import Page

_NEWEST = Order((api_keys.c.created_at, api_keys.c.id), (True, True))


class SqlApiKeys:
    """The port `ApiKeys`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, key: ApiKey) -> None:
        """Raises Conflict when the id exists."""
        row = {
            "id": key.id,
            "name": key.name,
            "scopes": list(key.scopes),
            "digest": key.digest,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
            "rate_limit_per_minute": key.rate_limit_per_minute,
            "tenant": key.tenant,
        }
        insert = self._db.insert_missing(api_keys).values(row)
        if not (await self._db.run(insert)).rowcount:
            raise Conflict(f"an API key with the id {key.id!r} exists")

    async def get(self, key_id: str) -> ApiKey:
        """Raises NotFound."""
        row = await self._db.row(select(api_keys).where(api_keys.c.id == key_id))
        if row is None:
            raise NotFound("API key", key_id)
        return _key(row)

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Newest first, revoked ones too."""
        listing = Listing("keys", _NEWEST, cursor, limit)
        total = select(func.count()).select_from(api_keys)
        return await listing.page(self._db, select(api_keys), total, _key)

    async def revoke(self, key_id: str, at: datetime) -> None:
        """Raises NotFound; revoking twice keeps the first time."""
        first = func.coalesce(api_keys.c.revoked_at, literal(at, Moment()))
        revoked = update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=first)
        if not (await self._db.run(revoked)).rowcount:
            raise NotFound("API key", key_id)


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        scopes=tuple(row["scopes"]),
        digest=row["digest"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        rate_limit_per_minute=row["rate_limit_per_minute"],
        tenant=row["tenant"],
    )
