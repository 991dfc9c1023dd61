"""What every Cache promises. Subclass it and give it a `cache` fixture."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from promptuary.ports.cache import Cache
from promptuary.testing.contract import Contract

MINUTE = timedelta(minutes=1)


@pytest.mark.anyio
class CacheContract(Contract):
    """`cache` is empty. Override `pass_time` when the cache's clock can be turned by hand."""

    async def pass_time(self, cache: Cache, time: timedelta) -> None:  # noqa: ARG002  # some do
        """Let that much time go by for the cache; the default waits."""
        await anyio.sleep(time.total_seconds())

    async def test_what_is_set_is_got_in_the_order_asked(self, cache: Cache) -> None:
        odd = {"a": b"1", "ключ 鍵 {x}": b"", "nul\0": bytes(range(256)), "big": b"x" * 100_000}
        await cache.set_many(odd)
        asked = ["big", "missing", "nul\0", "a", "a", "ключ 鍵 {x}"]
        assert await cache.get_many(asked) == [odd.get(key) for key in asked]

    async def test_nothing_asked_is_nothing_done(self, cache: Cache) -> None:
        await cache.set_many({})
        await cache.remove_many([])
        assert await cache.get_many([]) == []

    async def test_many_at_once_are_no_trouble(self, cache: Cache) -> None:
        many = {f"key{i}": str(i).encode() for i in range(2_000)}
        await cache.set_many(many)
        assert await cache.get_many(list(many)) == list(many.values())

    async def test_setting_again_overwrites(self, cache: Cache) -> None:
        await cache.set_many({"a": b"old"})
        await cache.set_many({"a": b"new"})
        assert await cache.get_many(["a"]) == [b"new"]

    async def test_what_is_removed_is_gone(self, cache: Cache) -> None:
        await cache.set_many({"a": b"1", "b": b"2"})
        await cache.remove_many(["a", "missing"])
        assert await cache.get_many(["a", "b"]) == [None, b"2"]

    async def test_nothing_outlives_its_time(self, cache: Cache) -> None:
        await cache.set_many({"short": b"1"}, ttl=timedelta(seconds=0.05))
        await cache.set_many({"long": b"2"}, ttl=MINUTE)
        await cache.set_many({"ever": b"3"})
        await self.pass_time(cache, timedelta(seconds=0.06))
        assert await cache.get_many(["short", "long", "ever"]) == [None, b"2", b"3"]

    async def test_a_counter_counts_and_its_time_starts_once(self, cache: Cache) -> None:
        short = timedelta(seconds=1)
        assert await cache.increment("n", 2, ttl=short) == 2
        await self.pass_time(cache, short / 2)
        assert await cache.increment("n", 3, ttl=short) == 5
        await self.pass_time(cache, short / 2 + timedelta(seconds=0.05))
        assert await cache.increment("n", 1, ttl=short) == 1

    async def test_a_counter_counts_down_as_well(self, cache: Cache) -> None:
        assert await cache.increment("n", 5, ttl=MINUTE) == 5
        assert await cache.increment("n", -7, ttl=MINUTE) == -2
        assert await cache.increment("n", 0, ttl=MINUTE) == -2

    async def test_counting_at_once_loses_nothing(self, cache: Cache) -> None:
        counts: list[int] = []

        async def count() -> None:
            counts.extend([await cache.increment("n", 1, ttl=MINUTE) for _ in range(25)])

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(count)
        assert sorted(counts) == list(range(1, 201))

    async def test_closing_twice_is_harmless(self, cache: Cache) -> None:
        await cache.set_many({"a": b"1"})
        await cache.aclose()
        await cache.aclose()
