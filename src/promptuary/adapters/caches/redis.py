"""`redis://host:port/0` a cache shared by many processes, in Redis or Valkey (extra: `redis`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, TimeoutError  # noqa: A004  # the vendor's own name

from promptuary.domain.errors import Misconfigured, TimedOut, Unavailable

PATIENCE = 0.5
"""Seconds a connection, and each answer, may take: a cache that is slower is no help."""

_PREFIX = "promptuary:"

_INCREMENT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
"""


def connect(url: str) -> RedisCache:
    """Nothing is connected before the first call; raises Misconfigured for no URL of a Redis."""
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise Misconfigured(f"not a URL of a Redis: {error}") from error
    return RedisCache(client)


class RedisCache:
    """Keys get a prefix, so that the database may be shared. How much room there is, and what goes
    first, is the server's own setting (`maxmemory`, `maxmemory-policy`)."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._increment = client.register_script(_INCREMENT)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says."""
        if not keys:
            return []
        with _redis_errors():
            found = await self._client.mget([_PREFIX + key for key in keys])
        return [value if isinstance(value, bytes) else None for value in found]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """As the port says."""
        with _redis_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for key, value in items.items():
                    pipe.set(_PREFIX + key, value, px=ttl)
                await pipe.execute()

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        if keys:
            with _redis_errors():
                await self._client.unlink(*[_PREFIX + key for key in keys])

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """As the port says; atomic on the server."""
        milliseconds = int(ttl.total_seconds() * 1000)
        with _redis_errors():
            count = await self._increment(keys=[_PREFIX + key], args=[amount, milliseconds])
        return int(count)

    async def aclose(self) -> None:
        """Close the connections."""
        with _redis_errors():
            await self._client.aclose()


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise TimedOut("Redis did not answer in time") from error
    except (RedisError, OSError) as error:
        raise Unavailable(f"cannot reach Redis: {error}") from error
