"""The fake record's corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryCorrections:
    """The port `Corrections`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, correction: Correction) -> None:
        """Raises Conflict when the id exists."""
        checked(ids=[correction.id], times=[correction.created_at], name=correction.name)
        known = self._state.write().corrections
        if correction.id in known:
            raise Conflict(f"a correction with the id {correction.id!r} exists")
        known[correction.id] = correction

    async def get(self, correction_id: str) -> Correction:
        """Raises NotFound."""
        if correction_id not in self._state.corrections:
            raise NotFound("correction", correction_id)
        return self._state.corrections[correction_id]

    async def undo(self, correction_id: str, by: str, at: datetime) -> None:
        """Raises NotFound, and Conflict for one that was undone."""
        known = await self.get(correction_id)
        if known.undone_at is not None:
            raise Conflict("that correction was undone before")
        undone = replace(known, undone_at=at, undone_by=by)
        self._state.write().corrections[correction_id] = undone

    async def standing(self, collection: str) -> list[Correction]:
        """In the order they were made."""
        every = self._state.corrections.values()
        return [each for each in every if each.collection == collection and not each.undone_at]

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """The last made first."""
        order = {own: at for at, own in enumerate(self._state.corrections)}
        every = self._state.corrections.values()
        return paged(
            [each for each in every if collection in {None, each.collection}],
            lambda each: (order[each.id],),
            scope=f"corrections {collection}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )
