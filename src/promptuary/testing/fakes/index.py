"""A fake: the reference index, which can be told to be away or to be rebuilding."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import Unavailable
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.index import Index, IndexHealth, KnownWord, WordQuery


class FakeIndex:
    """While `away` every question raises Unavailable, as a lost server's would."""

    def __init__(self, space: Space) -> None:
        self.away = False
        self._kept = MemoryIndex(space)

    @property
    def space(self) -> Space:
        """As the port says."""
        return self._kept.space

    async def put(self, entries: Sequence[Entry]) -> None:
        """As the port says."""
        await self._reached().put(entries)

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """As the port says."""
        return await self._reached().get(ids)

    async def remove(self, ids: Sequence[str]) -> int:
        """As the port says."""
        return await self._reached().remove(ids)

    async def clear(self) -> None:
        """As the port says."""
        await self._reached().clear()

    async def count(self, where: Filter | None = None) -> int:
        """As the port says."""
        return await self._reached().count(where)

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """As the port says."""
        return await self._reached().list_ids(after=after, limit=limit, where=where)

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """As the port says."""
        return await self._reached().search_vectors(queries, limit=limit, where=where)

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """As the port says."""
        return await self._reached().search_words(query, limit=limit, where=where)

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """As the port says."""
        return await self._reached().known_words(query)

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """As the port says."""
        return await self._reached().facets(field, limit=limit, where=where)

    async def watermark(self) -> int:
        """As the port says."""
        return await self._reached().watermark()

    async def set_watermark(self, position: int) -> None:
        """As the port says."""
        await self._reached().set_watermark(position)

    async def expect(self, position: int) -> None:
        """As the port says."""
        await self._reached().expect(position)

    async def health(self) -> IndexHealth:
        """Answers even while it is away."""
        return await self._kept.health()

    async def aclose(self) -> None:
        """As the port says."""
        await self._kept.aclose()

    def _reached(self) -> Index:
        if self.away:
            raise Unavailable("the fake index was told to be away")
        return self._kept
