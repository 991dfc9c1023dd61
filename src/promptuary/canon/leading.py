"""Several processes follow one record into one index: which of them writes there now.

Whoever read the record earlier may come later to the index, and put what is old over what is new.
So a process takes a lease in the record before it reads what is to be written, and gives it back
when that is in. Should it have lost the lease before its write came through (it was stopped for
longer than the lease runs), what it wrote is announced once more, and whoever has the lease then
writes it as the record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeAlias

from anyio import CancelScope

from promptuary.domain.errors import LeaseLost, PromptuaryError, Unavailable
from promptuary.domain.jobs import Lease
from promptuary.ports._outbox import OutboxKind
from promptuary.ports.index import Index, SharedIndex
from promptuary.ports.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=15)
"""How long a process that was killed in the middle holds up the others."""
POLL_SECONDS = 0.1

Change: TypeAlias = tuple[OutboxKind, str]


class Fence:
    """Stands around each write to an index, while a lease is held."""

    def __init__(
        self, record: UnitOfWork, held: Lease, lease: timedelta, doubt: set[Change]
    ) -> None:
        self._record = record
        self._held = held
        self._lease = lease
        self._doubt = doubt

    @asynccontextmanager
    async def around(self, changes: Sequence[Change]) -> AsyncIterator[None]:
        """Enter it to write these. Raises LeaseLost, before or after, when somebody else writes by
        now; what was written all the same stays in doubt, and so does what was cancelled."""
        await self.extend()
        self._doubt.update(changes)
        try:
            yield
        except Exception:
            await self._trust(changes)
            raise
        await self._trust(changes)

    async def _trust(self, changes: Sequence[Change]) -> None:
        """Nobody else can have written these meanwhile. Raises LeaseLost."""
        with CancelScope(shield=True):
            await self.extend()
            self._doubt.difference_update(changes)

    async def extend(self) -> None:
        """Let the lease run from now. Raises LeaseLost."""
        async with self._record.begin() as tx:
            await tx.leases.extend(self._held, lease=self._lease)

    async def keep(self) -> None:
        """Extend it again and again, until it is lost."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self.extend()
            except LeaseLost:
                return
            except Unavailable:
                continue


class Lead:
    """One process's turns at writing to an index; `holder` names it, also after a restart."""

    def __init__(
        self, record: UnitOfWork, index: SharedIndex, holder: str, lease: timedelta = LEASE
    ) -> None:
        self._record = record
        self._index = index
        self._holder = holder
        self._lease = lease
        self._doubt: set[Change] = set()

    @asynccontextmanager
    async def taken(
        self, unless: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[Fence | None]:
        """Wait for the lease and hold it; None once `unless` says that nothing is left to do.

        A record or an index that is away raises Unavailable.
        """
        await self._announce()
        name = f"index {await self._index.place()}"[:255]
        while unless is None or not await unless():
            async with self._record.begin() as tx:
                held = await tx.leases.take(name, self._holder, lease=self._lease)
            if held is not None:
                async with self._kept(held) as fence:
                    yield fence
                return
            await asyncio.sleep(POLL_SECONDS)
        yield None

    @asynccontextmanager
    async def _kept(self, held: Lease) -> AsyncIterator[Fence]:
        fence = Fence(self._record, held, self._lease, self._doubt)
        keeping = asyncio.create_task(fence.keep())
        try:
            yield fence
        finally:
            keeping.cancel()
            with CancelScope(shield=True), suppress(PromptuaryError):
                await asyncio.gather(keeping, return_exceptions=True)
                async with self._record.begin() as tx:
                    await tx.leases.give_back(held)

    async def _announce(self) -> None:
        """What came after the lease was lost may be old: let it be written again."""
        if not self._doubt:
            return
        doubted = list(self._doubt)
        async with self._record.begin() as tx:
            for kind, id_ in doubted:
                await tx.outbox.add(kind, [id_])
        self._doubt.difference_update(doubted)


def lead_on(record: UnitOfWork, index: Index, holder: str) -> Lead | None:
    """The turns on an index that others may open too; None for one that nobody else can."""
    return Lead(record, index, holder) if isinstance(index, SharedIndex) else None
