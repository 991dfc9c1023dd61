"""What the face does with moves of the index: `Promptuary.moves`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from promptuary.canon.catching_up import Follower
from promptuary.canon.indexing import Indexing
from promptuary.domain.errors import GuardRefused, Misconfigured, NotFound, PromptuaryError
from promptuary.domain.moves import FOLLOWED, Move
from promptuary.domain.pages import Page
from promptuary.domain.reports import Told, silent
from promptuary.moving.driving import Driving, Route
from promptuary.moving.spoiling import spoil
from promptuary.moving.turning import Turn
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval.sides import Side

LOOK_AGAIN_SECONDS: Final = 2.0
"""How long it takes until a process notices what another one did with the move."""


class Moves:
    """Moves the index to the store that the settings name as `move_index_url`.

    Without an id the current move is meant. Every method but `list` and `get` raises Misconfigured
    while the settings name no such store, and NotFound without a move; those that change something
    raise GuardRefused for a step that may not follow, LeaseLost when somebody else drives.
    """

    def __init__(
        self, record: UnitOfWork, clock: Clock, old: Side, new: Side | None, urls: tuple[str, str]
    ) -> None:
        self._record = record
        self._source, self._target = urls
        self._watching: asyncio.Task[None] | None = None
        self._follower: Follower | None = None
        self._followed: Move | None = None
        self._feeding: Indexing | None = None
        self.turn: Turn | None = None
        """Who answers reads, for `retrieval.sides.Sides`; None where nothing can move."""
        self._driving: Driving | None = None
        if new is not None:
            self._feeding = Indexing(record, new.index, new.embedder)
            self.turn = Turn(clock, old, new, self.behind)
            route = Route(self._source, self._target, self._feeding)
            self._driving = Driving(record, clock, route, self.turn, self._follow, self._alone)

    async def open(self) -> None:
        """Go on with what another process, or an earlier run of this one, has begun."""
        if self._driving is not None:
            await self._look()
            self._watching = asyncio.create_task(self._watch())

    def wake(self) -> None:
        """Something was written to the outbox."""
        if self._follower is not None:
            self._follower.wake()

    async def behind(self) -> str | None:
        """Why the new store may lack something, or None."""
        if self._follower is None:
            return "the new index is not followed here yet"
        return await self._follower.behind()

    @property
    def switched(self) -> bool:
        """Whether the new store answers everybody, as far as is known here."""
        return self._followed is not None and self._followed.switched

    async def plan(self) -> Move:
        """Plan a move. Raises Conflict while another one is not over."""
        return await self._drive.plan()

    async def start(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Copy everything and verify it, up to `shadow_read`; what was interrupted goes on."""
        return await self._drive.start(await self._id(move_id), progress)

    async def verify(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Compare every id of the new store with the record."""
        return await self._drive.verify(await self._id(move_id), progress)

    async def repair(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Compare, and write again what was wrong."""
        return await self._drive.verify(await self._id(move_id), progress, mend=True)

    async def ramp(self, percent: int | None = None, move_id: str | None = None) -> Move:
        """Give the new store that share of the reads, or the next larger one."""
        return await self._drive.ramp(await self._id(move_id), percent)

    async def cutover(self, move_id: str | None = None) -> Move:
        """Have the new store answer everybody."""
        return await self._drive.cutover(await self._id(move_id))

    async def finalize(self, move_id: str | None = None) -> Move:
        """Give the old store up. From the next start on it is not opened any more."""
        return await self._drive.finalize(await self._id(move_id))

    async def rollback(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Have the old store answer everybody, at once, and end the move."""
        said = reason or "rolled back by an operator"
        return await self._drive.rollback(await self._id(move_id), said)

    async def pause(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Let nothing go on until it is resumed."""
        return await self._drive.pause(await self._id(move_id), reason)

    async def resume(self, move_id: str | None = None) -> Move:
        """Go on from where it was paused."""
        return await self._drive.resume(await self._id(move_id))

    async def get(self, move_id: str | None = None) -> Move:
        """How a move stands."""
        async with self._record.read() as tx:
            if move_id is not None:
                return await tx.moves.get(move_id)
            newest = await tx.moves.list(limit=1)
        if not newest.items:
            raise NotFound("move", "current")
        return newest.items[0]

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """All of them, the newest first."""
        async with self._record.read() as tx:
            return await tx.moves.list(cursor=cursor, limit=limit)

    async def spoil(self, each: int) -> Mapping[str, int]:
        """Make faults of every kind in the new store, for a rehearsal; how many of each."""
        async with self._alone():
            return await spoil(self._drive.target, each)

    async def clear_target(self) -> None:
        """Empty the new store, for the end of a rehearsal. Raises GuardRefused while it is fed or
        answers anybody."""
        if self._followed is not None:
            raise GuardRefused("the new store is in use; roll the move back first")
        await self._drive.target.clear()

    async def aclose(self) -> None:
        """Stop following; the next start goes on."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self.turn is not None:
            await self.turn.aclose()
        await self._stop_following()

    @property
    def _drive(self) -> Driving:
        if self._driving is None:
            raise Misconfigured(
                "there is nowhere to move to: set move_index_url to the store that is to be the "
                "index, such as pgvector://USER@HOST/NAME"
            )
        return self._driving

    async def _id(self, move_id: str | None) -> str:
        return (await self.get(move_id)).id

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with suppress(PromptuaryError):
                await self._look()

    async def _look(self) -> None:
        """Notice what others did with the move, and write down what reads have found out."""
        async with self._record.read() as tx:
            move = await tx.moves.current()
        if move is not None and move.target != self._target:
            move = None
        await self._follow(move)
        if move and self.turn and self._driving and self.turn.gave_back and not move.paused:
            await self._driving.give_back(move.id, self.turn.gave_back)

    async def _follow(self, move: Move | None) -> None:
        self._followed = move
        if self.turn is not None:
            self.turn.follow(move)
        if move is not None and move.step in FOLLOWED:
            if self._follower is None and self._feeding is not None:
                self._follower = Follower(self._feeding)
                await self._follower.start()
        else:
            await self._stop_following()

    async def _stop_following(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            await follower.aclose()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._follower is None:
            yield
        else:
            async with self._follower.held():
                yield
