"""Moves of the index in this process: who answers, and what keeps the new store up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from promptuary.canon.catching_up import Follower
from promptuary.canon.indexing import Indexing
from promptuary.canon.leading import lead_on
from promptuary.domain.moves import FOLLOWED, Move, MoveKind
from promptuary.domain.relevance import JudgedQuery
from promptuary.moving.driving import Driving
from promptuary.moving.index_judging import Searched, asking
from promptuary.moving.index_way import IndexWay
from promptuary.moving.judging import Asked
from promptuary.moving.turning import Turn, indexes_differ
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval.sides import Side

GATHER_SECONDS: Final = 1.0
"""How long changes are gathered for the new store, unless a read waits for it: each time they are
brought in, what is written meanwhile takes longer, and there are two stores to be kept up."""


class IndexCourse:
    """The `Course` of moves of the index."""

    kind: MoveKind = "index"

    def __init__(
        self,
        record: UnitOfWork,
        clock: Clock,
        sides: tuple[Side, Side],
        urls: tuple[str, str],
        holder: str,
        changed: Callable[[Move], Awaitable[None]],
        patience: float,
    ) -> None:
        self._record = record
        self._clock = clock
        self._old, self._new = sides
        self._feeding = Indexing(record, self._new.index, self._new.embedder, refused={})
        self._lead = lead_on(record, self._new.index, holder)
        self._follower: Follower | None = None
        self._followed: Move | None = None
        self.way = IndexWay(*urls, self._feeding)
        self.turn = Turn[Side](clock, self._old, self._new, self.behind, self._differ, patience)
        self.driving = Driving(record, clock, self.way, self.turn.settled, changed, self.alone)

    @property
    def target(self) -> Index:
        """The new store."""
        return self._new.index

    @property
    def followed(self) -> Move | None:
        """How the move stands, as far as is known here."""
        return self._followed

    @property
    def gave_back(self) -> str:
        """Why the old store was given everything back, until somebody takes note of it."""
        return self.turn.gave_back

    async def follow(self, move: Move | None) -> None:
        """From now on this is how the move stands."""
        self._followed = move
        self.turn.follow(move)
        if move is not None and move.step in FOLLOWED:
            if self._follower is None:
                self._follower = Follower(self._feeding, self._lead, gather=GATHER_SECONDS)
                await self._follower.start()
        else:
            await self._stop_following()

    def wake(self) -> None:
        """Something was written to the outbox."""
        if self._follower is not None:
            self._follower.wake()

    async def asked(self, queries: Sequence[JudgedQuery], searched: Searched) -> Asked:
        """Both stores, to be asked judged queries. Raises InvalidInput."""
        both = self._old, self._new
        return await asking(self._record, self._clock, both, queries, searched)

    async def behind(self) -> str | None:
        """Why the new store may lack something, or None."""
        if self._follower is None:
            return "the new index is not followed here yet"
        return await self._follower.behind()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While nobody else of this process writes to the new store."""
        if self._follower is None:
            yield
        else:
            async with self._follower.held():
                yield

    async def aclose(self) -> None:
        """Stop following; the next start goes on."""
        await self.turn.aclose()
        await self._stop_following()

    async def _stop_following(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            await follower.aclose()

    async def _differ(self, ids: Sequence[str]) -> bool:
        return await indexes_differ(self._old.index, self._new.index, ids)
