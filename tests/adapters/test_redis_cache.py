import socket
from collections.abc import AsyncIterator
from time import monotonic

import pytest

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
