"""The part of the record that holds moves between stores; what `ports/unit_of_work.py` says holds
here too."""

from __future__ import annotations

from typing import Protocol

from promptuary.domain.moves import Move, MoveKind
from promptuary.domain.pages import Page


class Moves(Protocol):
    """Moves of either kind. One at most is not over."""

    async def add(self, move: Move) -> None:
        """Keep a new one, begun at this moment by the record's own clock: which move is the newest
        does not hang on the clocks of those who plan them, nor on one that was put back. Raises
        Conflict while another is not over, or for an id that is taken."""
        ...

    async def take(self, move_id: str) -> Move:
        """The move, with a fence above every earlier one: from now on only who holds it may save.
        Raises NotFound."""
        ...

    async def save(self, move: Move) -> None:
        """Overwrite what is kept. Raises LeaseLost when somebody took the move since, NotFound."""
        ...

    async def get(self, move_id: str) -> Move:
        """Raises NotFound."""
        ...

    async def current(self, kind: MoveKind = "index") -> Move | None:
        """The newest one of that kind that was neither rolled back nor aborted, over or not."""
        ...

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """Newest first."""
        ...
