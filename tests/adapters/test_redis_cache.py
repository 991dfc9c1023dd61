import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic

import pytest
from redis import Redis

from promptuary.adapters.caches.redis import RedisCache, connect
from promptuary.domain.errors import Misconfigured, TimedOut, Unavailable
from promptuary.testing.cache import CacheContract


@pytest.mark.server
class TestRedisCache(CacheContract):
    @pytest.fixture
    async def cache(self, redis_url: str) -> AsyncIterator[RedisCache]:
        opened = connect(redis_url)
        yield opened
        await opened.aclose()


@pytest.mark.server
@pytest.mark.anyio
async def test_what_stands_before_keys_can_be_set_and_left_out(redis_url: str) -> None:
    caches = {"promptuary:": connect(redis_url)}
    for option, prefix in (("canon%2F", "canon/"), ("", "")):
        caches[prefix] = connect(f"{redis_url}?socket_timeout=5&prefix={option}")
    for prefix, cache in caches.items():
        await cache.set_many({"a": prefix.encode()})
        assert await cache.get_many(["a"]) == [prefix.encode()]
        assert await cache.increment("n", 1, ttl=timedelta(minutes=1)) == 1
    with Redis.from_url(redis_url) as operator:
        for prefix, cache in caches.items():
            assert operator.get(f"{prefix}a") == prefix.encode()
            await cache.remove_many(["a"])
            assert not operator.exists(f"{prefix}a")
            assert operator.get(f"{prefix}n") == b"1"
    for cache in caches.values():
        await cache.aclose()


@pytest.fixture
def deaf() -> socket.socket:
    """A server that takes connections and never answers."""
    return socket.create_server(("127.0.0.1", 0))


@pytest.mark.anyio
async def test_a_server_that_is_away_is_unavailable(deaf: socket.socket) -> None:
    port = deaf.getsockname()[1]
    deaf.close()
    cache = connect(f"redis://127.0.0.1:{port}/0")
    with pytest.raises(Unavailable):
        await cache.set_many({"a": b"1"})
    await cache.aclose()


@pytest.mark.anyio
@pytest.mark.slow
async def test_a_server_that_does_not_answer_is_given_up_quickly(deaf: socket.socket) -> None:
    cache = connect(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
    started = monotonic()
    with pytest.raises(TimedOut):
        await cache.get_many(["a"])
    assert monotonic() - started < 20, "half a second, however busy this machine"
    await cache.aclose()
    deaf.close()


def test_a_url_that_redis_cannot_mean_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("redis://localhost/0?socket_timeout=soon")
