"""The part of the record that tells indexes what changed; what `ports/unit_of_work.py` says holds
here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

OutboxKind: TypeAlias = Literal["prompt", "lineage", "family", "passage", "library"]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something changed and every index must hear of it; positions grow, in order of commit."""

    position: int
    kind: OutboxKind
    entity_id: str


class Outbox(Protocol):
    """What changed, in order of commit, for whoever keeps a derived copy."""

    async def add(self, kind: OutboxKind, entity_ids: Sequence[str]) -> None:
        """One row an entity, visible to other transactions when this one commits."""
        ...

    async def after(self, position: int, *, limit: int) -> list[OutboxRow]:
        """Rows above that position, ascending. No row ever appears below one that was seen: whoever
        goes on from the last position misses nothing. Positions may have gaps."""
        ...

    async def last(self) -> int:
        """The highest position, 0 when empty."""
        ...

    async def first(self) -> int:
        """The lowest position that is kept, 0 when empty. Whoever has not come as far as just
        below it has missed rows that were pruned, and reads the record itself anew."""
        ...

    async def prune(self, until: int) -> None:
        """Forget the rows up to that position, but never the newest row of all."""
        ...
