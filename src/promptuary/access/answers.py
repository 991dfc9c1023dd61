"""What requests were answered with, so that one sent twice is done once."""

from __future__ import annotations

from dataclasses import dataclass

from promptuary.ports._ledgers import StoredReply
from promptuary.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers under idempotency keys, each call in a transaction of its own."""

    record: UnitOfWork

    async def begin(self, key: str, digest: str) -> StoredReply | None:
        """Claim an idempotency key: None when it is new, else what is known of it."""
        async with self.record.begin() as tx:
            return await tx.replies.begin(key, digest)

    async def finish(self, key: str, status: int, body: bytes) -> None:
        """Keep the answer under its idempotency key."""
        async with self.record.begin() as tx:
            await tx.replies.finish(key, status, body)

    async def abandon(self, key: str) -> None:
        """Forget an idempotency key whose request failed."""
        async with self.record.begin() as tx:
            await tx.replies.abandon(key)
