"""The fake record's namings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptuary.domain.errors import Conflict
from promptuary.domain.namings import Naming
from promptuary.domain.pages import Page
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryNamings:
    """The port `Namings`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, made: Sequence[Naming]) -> None:
        """Raises Conflict."""
        state = self._state.write()
        for each in made:
            checked(ids=[each.id, each.own_id], times=[each.created_at], name=each.model)
            if each.id in state.namings:
                raise Conflict(f"a naming with the id {each.id!r} exists")
            state.namings[each.id] = each

    async def of(self, own_ids: Sequence[str]) -> Mapping[str, Naming]:
        """The last of each that was taken."""
        every = self._state.namings.values()
        return {e.own_id: e for e in every if e.own_id in own_ids and not e.refused}

    async def asked(self, digests: Sequence[str]) -> Mapping[str, Naming]:
        """The last of each, refused or not."""
        return {e.asked: e for e in self._state.namings.values() if e.asked in digests}

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Naming]:
        """The last made first."""
        order = {own: at for at, own in enumerate(self._state.namings)}
        return paged(
            [e for e in self._state.namings.values() if collection in {None, e.collection}],
            lambda each: (order[each.id],),
            scope=f"namings {collection}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )
