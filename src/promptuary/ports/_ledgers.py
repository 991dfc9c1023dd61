"""The parts of the record that hold API keys, and answers under idempotency keys; what
`ports/unit_of_work.py` says holds here too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from promptuary.domain.keys import ApiKey
from promptuary.domain.pages import Page


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What an idempotency key was answered with; `body` is None while the first is in flight."""

    digest: str
    status: int | None
    body: bytes | None


class Replies(Protocol):
    """Answers kept under idempotency keys."""

    async def begin(self, key: str, digest: str) -> StoredReply | None:
        """Claim the key: None when it is new (the caller must answer), else what is known of it. Of
        several that claim at once one gets None. A claim without an answer lapses after 5 minutes,
        an answer after 24 hours."""
        ...

    async def finish(self, key: str, status: int, body: bytes) -> None:
        """Keep the answer. Raises NotFound for a key that nobody claimed."""
        ...

    async def abandon(self, key: str) -> None:
        """Forget a key whose request failed, so that it can be sent again; unknown ones are
        ignored."""
        ...


class ApiKeys(Protocol):
    """API keys by their lookup id."""

    async def add(self, key: ApiKey) -> None:
        """Raises Conflict when the id exists."""
        ...

    async def get(self, key_id: str) -> ApiKey:
        """Raises NotFound."""
        ...

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Newest first, revoked ones too; of one time, by id downwards."""
        ...

    async def revoke(self, key_id: str, at: datetime) -> None:
        """Raises NotFound; revoking twice keeps the first time."""
        ...
