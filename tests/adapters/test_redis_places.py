"""A Redis behind TLS, one that Sentinels watch over, and one that takes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import anyio
import pytest
from redis import Redis

import servers
from promptuary.adapters.caches.redis import connect
from promptuary.domain.errors import Misconfigured, Unavailable

pytestmark = pytest.mark.anyio
LONG = timedelta(hours=1)


async def test_a_server_behind_tls_is_spoken_to_when_its_authority_is_known(
    redis_tls_server: servers.Server,
) -> None:
    place = f"rediss://127.0.0.1:{redis_tls_server.port}/0"
    cache = connect(f"{place}?ssl_ca_certs={redis_tls_server.home}/tls.crt")
    await cache.set_many({"a": b"1"})
    assert await cache.get_many(["a", "b"]) == [b"1", None]
    await cache.aclose()
    for stranger in (place, f"redis://127.0.0.1:{redis_tls_server.port}/0"):
        cache = connect(stranger)
        with pytest.raises(Unavailable):
            await cache.get_many(["a"])
        await cache.aclose()


@pytest.fixture
def watched(redis_server: servers.Server) -> Iterator[tuple[servers.Server, servers.Server]]:
    """A master with a replica, and the Sentinel that watches over them."""
    binary = servers.redis_binary()
    assert binary is not None, "the fixture `redis_server` found one"
    master, replica = servers.redis(binary), servers.redis(binary)
    started = [master, replica]
    try:
        master.start()
        replica.start()
        with Redis(port=replica.port) as asked:
            asked.replicaof("127.0.0.1", master.port)
        sentinel = servers.sentinel(binary, master.port)
        started.append(sentinel)
        sentinel.start()
        yield master, sentinel
    finally:
        for each in reversed(started):
            each.close()


@pytest.mark.slow
async def test_sentinels_say_who_is_the_master_also_after_it_died(
    watched: tuple[servers.Server, servers.Server],
) -> None:
    master, sentinel = watched
    nobody = servers.free_port()
    hosts = f"127.0.0.1:{nobody},127.0.0.1:{sentinel.port}"
    cache = connect(f"redis+sentinel://{hosts}/kept/0")
    await cache.set_many({"a": b"before"})
    assert await cache.get_many(["a"]) == [b"before"]
    with Redis(port=sentinel.port) as asked, anyio.fail_after(120):
        while not asked.sentinel_slaves("kept"):
            await anyio.lowlevel.checkpoint()
    master.kill()
    with anyio.fail_after(120):
        while True:
            with suppress(Unavailable):
                await cache.set_many({"a": b"after"})
                break
    assert await cache.get_many(["a"]) == [b"after"]
    await cache.aclose()


async def test_a_service_that_no_sentinel_knows_is_unavailable() -> None:
    cache = connect(f"redis+sentinel://127.0.0.1:{servers.free_port()}/kept")
    with pytest.raises(Unavailable):
        await cache.get_many(["a"])
    await cache.aclose()


def test_sentinels_without_a_service_are_refused() -> None:
    with pytest.raises(Misconfigured, match="names a service"):
        connect("redis+sentinel://127.0.0.1:26379")


async def test_a_server_that_is_full_or_read_only_is_unavailable_and_still_read(
    redis_url: str,
) -> None:
    cache = connect(redis_url)
    await cache.set_many({"a": b"1"})
    with Redis.from_url(redis_url) as operator:
        try:
            operator.config_set("maxmemory", 1)
            with pytest.raises(Unavailable):
                await cache.set_many({"b": b"2"})
            assert await cache.get_many(["a"]) == [b"1"]
            operator.config_set("maxmemory", 0)
            operator.config_set("min-replicas-to-write", 1)
            with pytest.raises(Unavailable):
                await cache.increment("n", 1, ttl=LONG)
            assert await cache.get_many(["a"]) == [b"1"]
        finally:
            operator.config_set("maxmemory", 0)
            operator.config_set("min-replicas-to-write", 0)
    await cache.set_many({"b": b"2"})
    await cache.aclose()
