"""A fake: a cache that can be told to be away, or to give back what it likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from promptuary.domain.errors import Unavailable


class FakeCache:
    """A dictionary whose clock, `seconds`, is turned by hand. While `away` it raises Unavailable,
    as a lost server would."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.seconds = 0.0
        self.away = False
        self._ends: dict[str, float] = {}

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says."""
        self._reach()
        return [self.items.get(key) for key in keys]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """As the port says."""
        await self.remove_many(list(items))
        self.items.update(items)
        if ttl is not None:
            self._ends.update(dict.fromkeys(items, self.seconds + ttl.total_seconds()))

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        self._reach()
        for key in keys:
            self.items.pop(key, None)
            self._ends.pop(key, None)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """As the port says."""
        self._reach()
        if key not in self.items:
            self._ends[key] = self.seconds + ttl.total_seconds()
        count = int(self.items.get(key, b"0")) + amount
        self.items[key] = str(count).encode()
        return count

    async def aclose(self) -> None:
        """Nothing is held."""

    def _reach(self) -> None:
        """Answer, or not; what is over by now is forgotten."""
        if self.away:
            raise Unavailable("the fake cache was told to be away")
        for key in [key for key, end in self._ends.items() if end <= self.seconds]:
            del self.items[key], self._ends[key]
