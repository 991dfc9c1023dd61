"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema_conversations import conversations, messages
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.domain.conversations import Carried, Conversation, Message
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.plain import decode, encode

_conversation = conversations.c
_message = messages.c
_LATEST = Order((_conversation.last_activity, _conversation.id), (True, True))


_BEFORE = messages.alias("before").c
_ONE = select(conversations).where(_conversation.id == bindparam("asked"))
_TAKEN = {name: Statements.excluded(name) for name in ("turns", "carried", "last_activity")}
_FURTHER = (_conversation.owner == Statements.excluded("owner")) & (
    _conversation.turns < Statements.excluded("turns")
)
_KEPT = {
    native: insert(conversations).on_conflict_do_update(
        index_elements=["id"], set_=_TAKEN, where=_FURTHER
    )
    for native, insert in ((True, postgresql.insert), (False, sqlite.insert))
}
_SAID = messages.insert().values(
    position=select(func.coalesce(func.max(_BEFORE.position), -1) + 1)
    .where(_BEFORE.conversation_id == bindparam("of"))
    .scalar_subquery()
)
"""Each after the last that is there; some may be gone from the beginning."""


class SqlConversations:
    """The port `Conversations`. What every turn asks for is put into words once."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def get(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        rows = await self._db.rows(_ONE, {"asked": conversation_id})
        if not rows:
            raise NotFound("conversation", conversation_id)
        return _to_conversation(rows[0])

    async def keep(self, conversation: Conversation, said: Sequence[Message]) -> None:
        """Write a conversation and what was said since."""
        done = await self._db.run(_KEPT[self._db.postgresql], [_row(conversation)])
        if done.rowcount == 0:
            raise Conflict(f"conversation {conversation.id} went on meanwhile, or is not yours")
        await self._db.many(_SAID, [_message_row(conversation.id, each) for each in said])

    async def reword(self, message_id: str, text: str) -> None:
        """Put another text in the place of what it says."""
        await self._db.run(update(messages).where(_message.id == message_id).values(content=text))

    async def messages(
        self, conversation_id: str, *, limit: int = 50, skip: int = 0
    ) -> Sequence[Message]:
        """The latest of them, oldest first."""
        rows = await self._db.rows(
            select(messages)
            .where(_message.conversation_id == conversation_id)
            .order_by(_message.position.desc())
            .limit(limit)
            .offset(skip)
        )
        return [_to_message(row) for row in reversed(rows)]

    async def count(self, conversation_id: str) -> int:
        """How many messages it has."""
        here = _message.conversation_id == conversation_id
        return await self._db.number(select(func.count()).select_from(messages).where(here))

    async def list(
        self, owner: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Conversation]:
        """The latest activity first."""
        wanted = [] if owner is None else [_conversation.owner == owner]
        listing = Listing(f"conversations {owner}", _LATEST, cursor, limit)
        total: Select[Any] = select(func.count()).select_from(conversations).where(*wanted)
        every = select(conversations).where(*wanted)
        return await listing.page(self._db, every, total, _to_conversation)

    async def delete(self, conversation_id: str) -> None:
        """Raises NotFound."""
        await self._db.run(delete(messages).where(_message.conversation_id == conversation_id))
        gone = await self._db.run(delete(conversations).where(_conversation.id == conversation_id))
        if gone.rowcount == 0:
            raise NotFound("conversation", conversation_id)

    async def expire(self, before: datetime) -> int:
        """Delete whole conversations."""
        old = select(_conversation.id).where(_conversation.last_activity < before)
        await self._db.run(delete(messages).where(_message.conversation_id.in_(old)))
        gone = await self._db.run(delete(conversations).where(_conversation.last_activity < before))
        return int(gone.rowcount)

    async def forget(self, before: datetime) -> int:
        """Of conversations old enough to hold such."""
        old = select(_conversation.id).where(_conversation.created_at < before)
        here = _message.conversation_id.in_(old), _message.created_at < before
        return int((await self._db.run(delete(messages).where(*here))).rowcount)


def _row(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "owner": conversation.owner,
        "turns": conversation.turns,
        "carried": {"plain": encode(conversation.carried).decode()},
        "created_at": conversation.created_at,
        "last_activity": conversation.last_activity,
    }


def _to_conversation(row: RowMapping) -> Conversation:
    return Conversation(
        id=row["id"],
        owner=row["owner"],
        turns=row["turns"],
        carried=decode(Carried, row["carried"]["plain"].encode()),
        created_at=row["created_at"],
        last_activity=row["last_activity"],
    )


def _message_row(conversation_id: str, message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation_id": conversation_id,
        "of": conversation_id,
        "role": message.role,
        "content": message.text,
        "metadata": {
            "confidence": message.confidence,
            "evidence_count": message.evidence_count,
            "refused": message.refused,
            **({} if message.seen is None else {"seen": list(message.seen)}),
            **({"understood": message.understood} if message.understood else {}),
            **({"evidence": list(message.evidence)} if message.evidence else {}),
            **({"follow_ups": list(message.follow_ups)} if message.follow_ups else {}),
        },
        "created_at": message.at,
    }


def _to_message(row: RowMapping) -> Message:
    seen = row["metadata"].get("seen")
    return Message(
        id=row["id"],
        role=row["role"],
        text=row["content"],
        at=row["created_at"],
        confidence=row["metadata"]["confidence"],
        evidence_count=row["metadata"]["evidence_count"],
        refused=row["metadata"]["refused"],
        seen=None if seen is None else tuple(seen),
        understood=row["metadata"].get("understood", ""),
        evidence=tuple(row["metadata"].get("evidence", ())),
        follow_ups=tuple(row["metadata"].get("follow_ups", ())),
    )
