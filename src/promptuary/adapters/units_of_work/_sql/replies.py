"""Answers kept under idempotency keys."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update

from promptuary.adapters.units_of_work._sql.schema import replies
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.domain.errors import NotFound
from promptuary.ports._ledgers import StoredReply

IN_FLIGHT = timedelta(minutes=5)
"""After this long nobody is answering any more: the process that claimed the key was killed."""
KEPT = timedelta(hours=24)


class SqlReplies:
    """The port `Replies`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def begin(self, key: str, digest: str) -> StoredReply | None:
        """Claim the key: None when it is new, else what is known of it."""
        await self._forget()
        insert = self._db.insert_missing(replies).values(key=key, digest=digest)
        wanted = select(replies).where(replies.c.key == key)
        while not (await self._db.run(insert)).rowcount:
            # Not there either when its holder abandoned it just now: then it is free again.
            if row := await self._db.row(wanted):
                return StoredReply(row["digest"], row["status"], row["body"])
        return None

    async def _forget(self) -> None:
        """What nobody will ask for again, or nobody will finish."""
        now = await self._db.now()
        unanswered = and_(replies.c.status.is_(None), replies.c.created_at < now - IN_FLIGHT)
        await self._db.run(
            delete(replies).where(or_(replies.c.created_at < now - KEPT, unanswered))
        )

    async def finish(self, key: str, status: int, body: bytes) -> None:
        """Keep the answer."""
        kept = update(replies).where(replies.c.key == key).values(status=status, body=body)
        if not (await self._db.run(kept)).rowcount:
            raise NotFound("idempotency key", key)

    async def abandon(self, key: str) -> None:
        """Forget a key whose request failed, so that it can be sent again."""
        await self._db.run(delete(replies).where(replies.c.key == key))
