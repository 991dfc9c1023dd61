"""What the steps of a move do with what moves; `driving.py` knows in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from promptuary.domain.moves import Move, MoveKind
from promptuary.domain.reports import Told
from promptuary.domain.upkeep import Verified

END: Final = "end "
"""The cursor of a backfill that has copied everything."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One batch of a backfill that the new side has acknowledged: how many, and where to go on."""

    entries: int
    cursor: str


class Way(Protocol):
    """From one side to the other. URLs are without their passwords. Raises Unavailable while a side
    is away: what was done stays done, and the same again goes on."""

    @property
    def kind(self) -> MoveKind:
        """What moves."""
        ...

    @property
    def source(self) -> str:
        """From where."""
        ...

    @property
    def target(self) -> str:
        """To where."""
        ...

    @property
    def space(self) -> str:
        """The space of the vectors on the new side."""
        ...

    @property
    def refused(self) -> Mapping[str, str]:
        """What the new side would not take, as far as is known here: ids, and why."""
        ...

    async def entries(self) -> int:
        """How many there are to move."""
        ...

    async def preflight(self, move: Move, told: Told) -> tuple[str, ...]:
        """Try both sides; what a reader of the report should know. Raises GuardRefused where the
        move must not begin."""
        ...

    async def owe(self, move: Move) -> None:
        """From here on each side is owed every change of the other."""
        ...

    async def copy(self, cursor: str) -> Copied:
        """Copy the batch at that cursor, the first one at an empty cursor."""
        ...

    async def level(self, move: Move) -> None:
        """Bring the new side up to what the old one holds by now."""
        ...

    async def compare(self, move: Move, told: Told, *, mend: bool) -> Verified:
        """Compare all of both sides; with `mend` put right what is wrong."""
        ...

    async def deliver(self, move: Move) -> None:
        """Give the old side what it lacks of what was written here."""
        ...

    async def end(self, move: Move) -> None:
        """The move is final: leave nothing of ours on the old side."""
        ...
