"""A fake: a cache that can be told to be away, or to give back what it likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from promptuary.domain.errors import Unavailable


class FakeCache:
    """A dictionary without time. While `away` it raises Unavailable, as a lost server would."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.away = False

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says."""
        self._reach()
        return [self.items.get(key) for key in keys]

    async def set_many(
        self,
        items: Mapping[str, bytes],
        *,
        ttl: timedelta | None = None,  # noqa: ARG002  # no time here
    ) -> None:
        """As the port says, for ever."""
        self._reach()
        self.items.update(items)

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        self._reach()
        for key in keys:
            self.items.pop(key, None)

    async def increment(
        self,
        key: str,
        amount: int,
        *,
        ttl: timedelta,  # noqa: ARG002  # no time here
    ) -> int:
        """As the port says, for ever."""
        self._reach()
        count = int(self.items.get(key, b"0")) + amount
        self.items[key] = str(count).encode()
        return count

    async def aclose(self) -> None:
        """Nothing is held."""

    def _reach(self) -> None:
        if self.away:
            raise Unavailable("the fake cache was told to be away")
