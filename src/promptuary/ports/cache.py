"""A shared, forgetful map of bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol


class Cache(Protocol):
    """Anything in it may be gone at any time; never the only copy of anything."""

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """One answer per key, in order; None where nothing (or nothing fresh) is kept.

        Raises Unavailable when the cache cannot be reached.
        """
        ...

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """Keep the items, for `ttl` at the most; without one, until room is needed."""
        ...

    async def remove_many(self, keys: Sequence[str]) -> None:
        """Forget the keys; unknown ones are ignored."""
        ...

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """Add to a counter atomically (take away, below zero) and return it. The first addition
        starts the `ttl`."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
