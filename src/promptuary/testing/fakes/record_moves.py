"""The fake record's moves between stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.moves import TAKEN_BACK, Move, MoveKind
from promptuary.domain.pages import Page
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryMoves:
    """The port `Moves`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, move: Move) -> None:
        """Raises Conflict while another is not over."""
        checked(ids=[move.id], times=[move.created_at])
        known = self._state.write().moves
        if move.id in known or any(not each.over for each in known.values()):
            raise Conflict("another move is not over; finish it, roll it back or abort it first")
        later = (e.created_at + timedelta(microseconds=1) for e in known.values() if e.created_at)
        now = max((datetime.now(UTC), *later))
        known[move.id] = replace(move, created_at=now, updated_at=now)

    async def take(self, move_id: str) -> Move:
        """With a fence above every earlier one."""
        known = self._state.write().moves
        move = await self.get(move_id)
        known[move_id] = replace(move, fence=move.fence + 1)
        return known[move_id]

    async def save(self, move: Move) -> None:
        """Raises LeaseLost, NotFound."""
        known = self._state.write().moves
        if (await self.get(move.id)).fence != move.fence:
            raise LeaseLost("somebody else drives this move by now")
        known[move.id] = move

    async def get(self, move_id: str) -> Move:
        """Raises NotFound."""
        try:
            return self._state.moves[move_id]
        except KeyError:
            raise NotFound("move", move_id) from None

    async def current(self, kind: MoveKind = "index") -> Move | None:
        """The newest of that kind that was not taken back."""
        page = await self.list(limit=len(self._state.moves) or 1)
        kept = (each for each in page.items if each.step not in TAKEN_BACK)
        return next((each for each in kept if each.kind == kind), None)

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """Newest first."""
        return paged(
            self._state.moves.values(),
            lambda move: (move.created_at.isoformat() if move.created_at else "", move.id),
            scope="moves",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )
