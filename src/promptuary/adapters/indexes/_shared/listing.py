"""Ids in order, where an engine gives them in no order: all are read, a window of them is kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from heapq import nsmallest

from promptuary.domain.filters import Filter

WINDOW = 50_000
"""So many ids are kept from one reading, in ascending order; a page beyond them reads again."""


class Listing:
    """Pages of ids. Reading all of them for each page would be slow, so the ids after a page are
    kept for the next ones, until `changed` gives another answer: that of the log's position."""

    def __init__(
        self,
        walk: Callable[[Filter | None], AsyncIterator[Sequence[str]]],
        changed: Callable[[], object],
    ) -> None:
        self._walk = walk
        self._changed = changed
        self._window: tuple[object, str | None, list[str], bool] | None = None

    async def page(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """Ids in ascending order after `after`; the first page is always read anew."""
        key = (where, self._changed())
        if after is None or not self._holds(key, after, limit):
            await self._read(key, after, max(WINDOW, limit), where)
        if self._window is None:
            return []
        ids = self._window[2]
        start = 0 if after is None else bisect_right(ids, after)
        return ids[start : start + limit]

    def _holds(self, key: object, after: str, limit: int) -> bool:
        if self._window is None or self._window[0] != key:
            return False
        _, begun, ids, ended = self._window
        if begun is not None and after < begun:
            return False
        return ended or bisect_right(ids, after) + limit <= len(ids)

    async def _read(self, key: object, after: str | None, size: int, where: Filter | None) -> None:
        kept: list[str] = []
        ended = True
        async for page in self._walk(where):
            kept += [one for one in page if after is None or one > after]
            if len(kept) > 2 * size:
                kept, ended = nsmallest(size, kept), False
        kept.sort()
        ended = ended and len(kept) <= size
        self._window = (key, after, kept[:size], ended)
