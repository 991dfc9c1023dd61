"""`memory:` a cache in this process: the least recently used goes when room is needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from promptuary.domain.errors import Misconfigured

BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    value: bytes
    until: float | None


def connect(url: str) -> MemoryCache:
    """A cache of its own each time: `memory:` with room for 64 MiB, or `memory:?bytes=N`."""
    rest = url.partition(":")[2]
    room = rest.removeprefix("?bytes=") if rest else str(BYTES)
    if not room.isdecimal():
        raise Misconfigured("memory: takes nothing more than ?bytes=N")
    return MemoryCache(int(room))


class MemoryCache:
    """Keys and values may take `room` bytes in all; one that is larger by itself is not kept.

    `clock` gives seconds that never go back. No method lets others in before its end.
    """

    def __init__(self, room: int = BYTES, *, clock: Callable[[], float] = monotonic) -> None:
        self._room = room
        self._clock = clock
        self._used = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says; what is asked for counts as used."""
        found = [self._fresh(key) for key in keys]
        for key, kept in zip(keys, found, strict=True):
            if kept is not None:
                self._kept.move_to_end(key)
        return [None if kept is None else kept.value for kept in found]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """As the port says."""
        until = None if ttl is None else self._clock() + ttl.total_seconds()
        for key, value in items.items():
            self._keep(key, _Kept(value, until))

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        for key in keys:
            self._forget(key)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """As the port says."""
        kept = self._fresh(key)
        count = int(kept.value if kept else b"0") + amount
        until = kept.until if kept else self._clock() + ttl.total_seconds()
        self._keep(key, _Kept(str(count).encode(), until))
        return count

    async def aclose(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._used = 0

    def _fresh(self, key: str) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is not None and kept.until is not None and kept.until <= self._clock():
            self._forget(key)
            return None
        return kept

    def _keep(self, key: str, kept: _Kept) -> None:
        self._forget(key)
        self._kept[key] = kept
        self._used += _size(key, kept)
        while self._used > self._room:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._used -= _size(key, kept)


def _size(key: str, kept: _Kept) -> int:
    return len(key) + len(kept.value)
