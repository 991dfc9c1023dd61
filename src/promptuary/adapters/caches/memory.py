"""memory: — a least-recently-used map in this process, bounded in bytes (`memory:?bytes=N`)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from promptuary.domain.errors import Misconfigured

BYTES = 64 * 1024 * 1024
_OVERHEAD = 100
"""Bytes that an entry costs beside its key and value, roughly."""


def connect(url: str) -> MemoryCache:
    """A cache of its own for each call. Raises Misconfigured for a size that is no number."""
    asked = parse_qs(urlsplit(url).query).get("bytes", [str(BYTES)])[-1]
    if not asked.isdecimal():
        raise Misconfigured(f"memory:?bytes={asked} is not a number of bytes")
    return MemoryCache(int(asked))


class MemoryCache:
    """Keeps the most recently used items within `limit` bytes; `seconds` is a monotonic clock."""

    def __init__(self, limit: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._size = 0
        self._items: OrderedDict[str, tuple[bytes, float | None]] = OrderedDict()

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """One answer per key, in order; None where nothing fresh is kept."""
        return [self._get(key) for key in keys]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """Keep the items, the oldest used giving way."""
        until = None if ttl is None else self._seconds() + ttl.total_seconds()
        for key, value in items.items():
            self._set(key, value, until)

    async def remove_many(self, keys: Sequence[str]) -> None:
        """Forget the keys; unknown ones are ignored."""
        for key in keys:
            self._drop(key)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """Add to a counter and return it; the first addition starts the `ttl`."""
        kept = self._get(key)
        if kept is None:
            await self.set_many({key: str(amount).encode()}, ttl=ttl)
            return amount
        total = int(kept) + amount
        self._set(key, str(total).encode(), self._items[key][1])
        return total

    async def aclose(self) -> None:
        """Forget everything; closing twice is harmless."""
        self._items.clear()
        self._size = 0

    def _get(self, key: str) -> bytes | None:
        kept = self._items.get(key)
        if kept is None:
            return None
        value, until = kept
        if until is not None and self._seconds() >= until:
            self._drop(key)
            return None
        self._items.move_to_end(key)
        return value

    def _set(self, key: str, value: bytes, until: float | None) -> None:
        self._drop(key)
        self._items[key] = (value, until)
        self._size += _cost(key, value)
        while self._size > self._limit:
            self._drop(next(iter(self._items)))

    def _drop(self, key: str) -> None:
        kept = self._items.pop(key, None)
        if kept is not None:
            self._size -= _cost(key, kept[0])


def _cost(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD
