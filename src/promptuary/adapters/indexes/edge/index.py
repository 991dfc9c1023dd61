"""The index: one engine call at a time, in a thread, so that the event loop is never held up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

from promptuary.adapters.indexes.edge import reading
from promptuary.adapters.indexes.edge.points import EngineFailed
from promptuary.adapters.indexes.edge.store import BATCH, Store
from promptuary.domain.errors import PromptuaryError, Unavailable
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.index import IndexHealth, KnownWord, WordQuery
from promptuary.retrieval.checks import check_rows, checked_entries

P = ParamSpec("P")
T = TypeVar("T")


class EdgeIndex:
    """Qdrant's engine in this process. Large batches are written in parts, between which searches
    have their turn. A failure of the engine that should not be possible marks the folder, which is
    then set aside the next time it is opened."""

    def __init__(self, store: Store) -> None:
        """Take over an open store."""
        self._store = store
        self._turn = anyio.CapacityLimiter(1)
        self._open = True

    @property
    def space(self) -> Space:
        """The space that stands in the folder."""
        return self._store.space

    async def put(self, entries: Sequence[Entry]) -> None:
        """As the port says."""
        checked = checked_entries(entries, self.space)
        with anyio.CancelScope(shield=True):
            for start in range(0, len(checked), BATCH):
                await self._run(self._store.put, checked[start : start + BATCH])

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """As the port says."""
        return await self._run(reading.get, self._store, ids)

    async def remove(self, ids: Sequence[str]) -> int:
        """As the port says."""
        return await self._run(self._store.remove, ids)

    async def clear(self) -> None:
        """As the port says."""
        await self._run(self._store.clear)

    async def count(self, where: Filter | None = None) -> int:
        """As the port says."""
        return await self._run(reading.count, self._store, where)

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """As the port says."""
        return await self._run(reading.list_ids, self._store, after, limit, where)

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """As the port says."""
        check_rows(queries, self.space)
        return await self._run(reading.nearest, self._store, queries, limit, where)

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """As the port says."""
        return await self._run(reading.search_words, self._store, query, limit, where)

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """As the port says; asks the engine nothing."""
        return await self._run(self._store.ledger.lexicon.known, query)

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """As the port says."""
        return await self._run(reading.facets, self._store, field, limit, where)

    async def watermark(self) -> int:
        """As the port says."""
        self._check_open()
        return self._store.state.watermark

    async def set_watermark(self, position: int) -> None:
        """As the port says. After a loss of power it may stand further back than it was set, never
        further than what is there."""
        await self._run(self._store.set_watermark, position)

    async def expect(self, position: int) -> None:
        """As the port says."""
        if position > self._store.state.expected:
            await self._run(self._expect, position)

    async def health(self) -> IndexHealth:
        """As the port says; asks the engine nothing."""
        state = self._store.state
        behind = state.watermark < state.expected
        return IndexHealth(
            state="rebuilding" if behind else "ok",
            entries=self._store.entries,
            watermark=state.watermark,
            detail=state.detail if self._open else "closed",
            expected=state.expected,
        )

    async def aclose(self) -> None:
        """As the port says; seals the folder, so that damage done to it while closed shows."""
        if self._open:
            self._open = False
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._store.close, limiter=self._turn)

    def _expect(self, position: int) -> None:
        self._store.keep(expected=position)

    def _check_open(self) -> None:
        if not self._open:
            raise Unavailable("this index is closed")

    async def _run(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask in a thread when it is this call's turn."""

        def turn() -> T:
            self._check_open()
            try:
                return ask(*args, **kwargs)
            except EngineFailed:
                with suppress(PromptuaryError):
                    self._store.keep(suspect=True)
                raise

        return await anyio.to_thread.run_sync(turn, limiter=self._turn)
