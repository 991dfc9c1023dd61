"""Valkey is asked as Redis is, and keeps the same promises."""

from collections.abc import AsyncIterator

import pytest
from redis import Redis

from promptuary.adapters.caches.redis import RedisCache, connect
from promptuary.testing.cache import CacheContract
from servers import Server

pytestmark = pytest.mark.server


class TestValkeyCache(CacheContract):
    @pytest.fixture
    async def cache(self, valkey_server: Server) -> AsyncIterator[RedisCache]:
        url = f"redis://127.0.0.1:{valkey_server.port}/0"
        with Redis.from_url(url) as operator:
            assert operator.info("server")["server_name"] == "valkey"
            operator.flushall()
        opened = connect(url)
        yield opened
        await opened.aclose()
