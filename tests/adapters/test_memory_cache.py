from datetime import timedelta
from typing import ClassVar

import pytest

from promptuary.adapters.caches.memory import MemoryCache, connect
from promptuary.domain.errors import Misconfigured
from promptuary.ports.cache import Cache
from promptuary.testing.cache import CacheContract


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


CLOCK = HandClock()


class TestMemoryCache(CacheContract):
    clock: ClassVar[HandClock] = CLOCK

    @pytest.fixture
    def cache(self) -> MemoryCache:
        return MemoryCache(clock=self.clock)

    async def pass_time(self, cache: Cache, time: timedelta) -> None:
        self.clock.seconds += time.total_seconds()


@pytest.mark.anyio
async def test_the_least_recently_used_goes_when_room_is_needed() -> None:
    cache = MemoryCache(room=33)
    await cache.set_many({"a": b"x" * 10, "b": b"x" * 10, "c": b"x" * 10})
    await cache.get_many(["a"])
    await cache.set_many({"d": b"x" * 10})
    assert [v is not None for v in await cache.get_many(["a", "b", "c", "d"])] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.anyio
async def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    cache = connect("memory:?bytes=10")
    await cache.set_many({"small": b"1"})
    await cache.set_many({"large": b"x" * 10})
    assert await cache.get_many(["large"]) == [None]


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("memory:?bytes=lots")
