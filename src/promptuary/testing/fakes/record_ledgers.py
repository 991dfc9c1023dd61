"""The fake record's outbox, idempotency keys and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.keys import ApiKey
from promptuary.domain.pages import Page
from promptuary.ports._ledgers import StoredReply
from promptuary.ports._outbox import OutboxKind, OutboxRow
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryOutbox:
    """The port `Outbox`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, kind: OutboxKind, entity_ids: Sequence[str]) -> None:
        """One row an entity."""
        checked(ids=entity_ids)
        for each in entity_ids:
            position = self._state.next_position()
            self._state.outbox[position] = OutboxRow(position, kind, each)

    async def after(self, position: int, *, limit: int) -> list[OutboxRow]:
        """Ascending."""
        return [row for at, row in self._state.outbox.items() if at > position][:limit]

    async def last(self) -> int:
        """0 when empty."""
        return max(self._state.outbox, default=0)

    async def first(self) -> int:
        """0 when empty."""
        return min(self._state.outbox, default=0)

    async def prune(self, until: int) -> None:
        """Up to that position, but for the newest."""
        known = self._state.write().outbox
        for position in [at for at in known if at <= until][: len(known) - 1]:
            del known[position]


class MemoryReplies:
    """The port `Replies`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def begin(self, key: str, digest: str) -> StoredReply | None:
        """None when the key is new."""
        if key in self._state.replies:
            return self._state.replies[key]
        self._state.write().replies[key] = StoredReply(digest, None, None)
        return None

    async def finish(self, key: str, status: int, body: bytes) -> None:
        """Raises NotFound for a key that nobody claimed."""
        if key not in self._state.write().replies:
            raise NotFound("idempotency key", key)
        self._state.replies[key] = replace(self._state.replies[key], status=status, body=body)

    async def abandon(self, key: str) -> None:
        """Unknown ones are ignored."""
        self._state.write().replies.pop(key, None)


class MemoryApiKeys:
    """The port `ApiKeys`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, key: ApiKey) -> None:
        """Raises Conflict when the id exists."""
        if key.id in self._state.write().keys:
            raise Conflict(f"an API key with the id {key.id!r} exists")
        self._state.keys[key.id] = key

    async def get(self, key_id: str) -> ApiKey:
        """Raises NotFound."""
        if key_id not in self._state.keys:
            raise NotFound("API key", key_id)
        return self._state.keys[key_id]

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Newest first."""
        return paged(
            self._state.keys.values(),
            lambda key: (key.created_at.timestamp(), key.id),
            scope="keys",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def revoke(self, key_id: str, at: datetime) -> None:
        """Revoking twice keeps the first time."""
        key = await self.get(key_id)
        self._state.write().keys[key_id] = replace(key, revoked_at=key.revoked_at or at)
