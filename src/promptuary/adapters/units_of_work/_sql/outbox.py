"""The outbox: what changed, in order of commit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from promptuary.adapters.units_of_work._sql.schema import outbox
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.ports._outbox import OutboxKind, OutboxRow

_TURN = 7_305_813_420_111
"""The advisory lock under which PostgreSQL hands out positions; any number nobody else uses."""


class SqlOutbox:
    """The port `Outbox`.

    Rows are written at the very end of a transaction, under a lock that is held until its commit:
    so positions become visible in order, nobody waits long, and no cycle of locks can close.
    SQLite has one writer at a time and needs no lock.
    """

    def __init__(self, db: Statements) -> None:
        self._db = db
        self._pending: list[dict[str, str]] = []

    async def add(self, kind: OutboxKind, entity_ids: Sequence[str]) -> None:
        """One row an entity."""
        self._pending += [{"kind": kind, "entity_id": each} for each in entity_ids]

    async def flush(self) -> None:
        """Write what was added."""
        if not self._pending:
            return
        if self._db.postgresql:
            await self._db.run(select(func.pg_advisory_xact_lock(_TURN)))
        self._db.news.add("outbox")
        rows, self._pending = self._pending, []
        await self._db.many(outbox.insert(), rows)

    async def after(self, position: int, *, limit: int) -> list[OutboxRow]:
        """Rows above that position, ascending."""
        await self.flush()
        wanted = select(outbox).where(outbox.c.position > position)
        rows = await self._db.rows(wanted.order_by(outbox.c.position).limit(limit))
        return [OutboxRow(row["position"], row["kind"], row["entity_id"]) for row in rows]

    async def last(self) -> int:
        """The highest position, 0 when empty."""
        await self.flush()
        return await self._db.number(select(func.max(outbox.c.position)))

    async def first(self) -> int:
        """The lowest position that is kept, 0 when empty."""
        await self.flush()
        return await self._db.number(select(func.min(outbox.c.position)))

    async def prune(self, until: int) -> None:
        """Forget the rows up to that position, but for the newest."""
        await self.flush()
        newest = select(func.max(outbox.c.position)).scalar_subquery()
        old = outbox.c.position <= until
        await self._db.run(outbox.delete().where(old, outbox.c.position < newest))
