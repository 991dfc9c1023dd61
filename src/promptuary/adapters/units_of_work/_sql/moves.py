"""Moves between stores, each as a whole; who saves shows the fence that was handed out last."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, func, select, update

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema_moves import moves
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.moves import TAKEN_BACK, Move, MoveKind
from promptuary.domain.pages import Page
from promptuary.domain.plain import decode, encode

_NEWEST = Order((moves.c.created_at, moves.c.id), (True, True))
_LAST = select(moves.c.created_at).order_by(*_NEWEST.by()).limit(1)


class SqlMoves:
    """The port `Moves`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, move: Move) -> None:
        """Raises Conflict while another is not over."""
        now, last = await self._db.now(), await self._db.row(_LAST)
        if last is not None:  # the database's clock may have been put back since
            now = max(now, last["created_at"] + timedelta(microseconds=1))
        row = {**_columns(move), "id": move.id, "created_at": now}
        if not (await self._db.run(self._db.insert_missing(moves).values(row))).rowcount:
            raise Conflict("another move is not over; finish it, roll it back or abort it first")

    async def take(self, move_id: str) -> Move:
        """With a fence above every earlier one."""
        taken = update(moves).where(same(moves.c.id, move_id)).values(fence=moves.c.fence + 1)
        if not (await self._db.run(taken)).rowcount:
            raise NotFound("move", move_id)
        return await self.get(move_id)

    async def save(self, move: Move) -> None:
        """Raises LeaseLost, NotFound."""
        mine = update(moves).where(same(moves.c.id, move.id), moves.c.fence == move.fence)
        now = await self._db.now()
        if not (await self._db.run(mine.values(**_columns(move), updated_at=now))).rowcount:
            await self.get(move.id)
            raise LeaseLost("somebody else drives this move by now")

    async def get(self, move_id: str) -> Move:
        """Raises NotFound."""
        row = await self._db.row(select(moves).where(same(moves.c.id, move_id)))
        if row is None:
            raise NotFound("move", move_id)
        return _move(row)

    async def current(self, kind: MoveKind = "index") -> Move | None:
        """The newest of that kind that was not taken back; there never are many."""
        kept = select(moves).where(moves.c.step.not_in(sorted(TAKEN_BACK)))
        rows = await self._db.rows(kept.order_by(*_NEWEST.by()))
        return next((move for move in map(_move, rows) if move.kind == kind), None)

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """Newest first."""
        listing = Listing("moves", _NEWEST, cursor, limit)
        total = select(func.count()).select_from(moves)
        return await listing.page(self._db, select(moves), total, _move)


def _columns(move: Move) -> dict[str, Any]:
    return {
        "step": move.step,
        "underway": None if move.over else True,
        "fence": move.fence,
        "state": json.loads(encode(move)),
    }


def _move(row: RowMapping) -> Move:
    kept = decode(Move, json.dumps(row["state"]).encode())
    times = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return replace(kept, fence=row["fence"], **times)
