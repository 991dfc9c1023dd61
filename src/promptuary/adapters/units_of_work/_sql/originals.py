"""Originals: which blob holds the file that a source was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update

from promptuary.adapters.units_of_work._sql.schema import documents, sources
from promptuary.adapters.units_of_work._sql.schema_originals import originals
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.documents import Original
from promptuary.domain.errors import NotFound

_original = originals.c
_ATTACH = (
    update(originals)
    .where(_original.blob == bindparam("its", type_=_original.blob.type))
    .values(
        source_id=bindparam("of", type_=_original.source_id.type),
        until=bindparam("since", type_=_original.until.type),
    )
)


class SqlOriginals:
    """The port `Originals`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def expect(self, expected: Sequence[Original], until: datetime) -> None:
        """Rows without a source."""
        rows = [
            {"blob": each.blob, "digest": each.digest, "size": each.size, "until": until}
            for each in expected
        ]
        await self._db.many(originals.insert(), rows)

    async def attach(self, blobs: Mapping[str, str | None], now: datetime) -> None:
        """In place of what the sources had."""
        loose = update(originals).values(source_id=None, until=now)
        for some in chunks(list(blobs)):
            await self._db.run(loose.where(among(_original.source_id, some)))
        rows = [{"its": blob, "of": id_, "since": now} for id_, blob in blobs.items() if blob]
        await self._db.many(_ATTACH, rows)

    async def of(self, id: str) -> Original:
        """Raises NotFound."""
        inside = select(documents.c.source_id).where(same(documents.c.id, id)).scalar_subquery()
        row = await self._db.row(
            select(originals, sources.c.name)
            .join(sources, sources.c.id == _original.source_id)
            .where(_original.digest == sources.c.digest)
            .where(or_(same(_original.source_id, id), _original.source_id == inside))
        )
        if row is None:
            raise NotFound("original", id)
        return Original(row["blob"], row["digest"], row["size"], row["name"])

    async def stray(self, now: datetime, *, limit: int = 1_000) -> Sequence[str]:
        """By name."""
        wanted = select(_original.blob).where(_original.source_id.is_(None), _original.until <= now)
        rows = await self._db.rows(wanted.order_by(_original.blob).limit(limit))
        return [row["blob"] for row in rows]

    async def drop(self, blobs: Sequence[str]) -> None:
        """Those of no source."""
        for some in chunks(blobs):
            gone = delete(originals).where(_original.blob.in_(some), _original.source_id.is_(None))
            await self._db.run(gone)
