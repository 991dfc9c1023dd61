"""redis://:password@host:6379/0 (rediss:// for TLS) — shared by processes; Valkey works alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from promptuary.domain.errors import Misconfigured, Unavailable

PATIENCE_SECONDS = 0.5


def connect(url: str) -> RedisCache:
    """A cache on that server. Whether it answers shows at the first call, not here."""
    try:
        client = Redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        )
    except ValueError as error:
        raise Misconfigured(f"the Redis URL cannot be read: {error}") from None
    return RedisCache(client)


class RedisCache:
    """Every failure to reach the server is Unavailable, within about half a second."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """One answer per key, in order; None where nothing is kept."""
        if not keys:
            return []
        with _translated():
            found = await self._client.mget(keys)
        return [value if isinstance(value, bytes) else None for value in found]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """Keep the items, in one round trip."""
        if not items:
            return
        with _translated():
            async with self._client.pipeline(transaction=False) as pipe:
                for key, value in items.items():
                    pipe.set(key, value, px=ttl)
                await pipe.execute()

    async def remove_many(self, keys: Sequence[str]) -> None:
        """Forget the keys; unknown ones are ignored."""
        if keys:
            with _translated():
                await self._client.delete(*keys)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """Add to a counter atomically and return it; the first addition starts the `ttl`."""
        with _translated():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.incrby(key, amount)
                pipe.pexpire(key, ttl, nx=True)
                total, _ = await pipe.execute()
                return int(total)

    async def aclose(self) -> None:
        """Close the connections; closing twice is harmless."""
        await self._client.aclose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(f"Redis does not answer: {error}") from error
