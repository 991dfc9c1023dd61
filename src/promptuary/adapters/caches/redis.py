"""`redis://host:port/0` a cache shared by many processes, in Redis or Valkey (extra: `redis`).

`rediss:` speaks TLS. `redis+sentinel://host:port,host:port/service/0` asks Sentinels which server
is the master now, and `rediss+sentinel:` does that over TLS. The option `prefix` says what stands
before every key: `promptuary:` where it is left out, nothing where it is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, TimeoutError  # noqa: A004  # the vendor's own name

from promptuary.adapters._redis_keys import prefix_of
from promptuary.domain.errors import Misconfigured, TimedOut, Unavailable

PATIENCE = 0.5
"""Seconds a connection, and each answer, may take: a cache that is slower is no help."""

_BOUNDS: Final[dict[str, Any]] = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}

PREFIX = "promptuary:"

_INCREMENT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
"""


def connect(url: str) -> RedisCache:
    """Nothing is connected before the first call; raises Misconfigured for no URL of a Redis."""
    scheme = url.partition(":")[0]
    url, prefix = prefix_of(url, PREFIX)
    try:
        if scheme.endswith("+sentinel"):
            return _through_sentinels(url, prefix)
        client = Redis.from_url(url, **_BOUNDS, retry=Retry(NoBackoff(), 0))
        return RedisCache(client, prefix=prefix)
    except ValueError as error:
        raise Misconfigured(f"not a URL of a Redis: {error}") from error


def _through_sentinels(url: str, prefix: str) -> RedisCache:
    """The master of a service, wherever it is by now. A password or options of the URL are those of
    the servers; `sentinel_password` is that of the Sentinels."""
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("?")[0].partition("/")
    who, _, hosts = place.rpartition("@")
    service, _, number = path.partition("/")
    if not service:
        raise ValueError("redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0 names a service")
    # One host at a time and the rest as it came: the vendor's own reading of URLs.
    tail = f"/{number or 0}?{rest.partition('?')[2]}".rstrip("?")
    plain, at = scheme.removesuffix("+sentinel"), "@" if who else ""
    asked = [parse_url(f"{plain}://{who}{at}{host}{tail}") for host in hosts.split(",")]
    bounds = {**_BOUNDS, "retry": Retry(NoBackoff(), 0)}
    options: dict[str, Any] = {**asked[0], **bounds}
    for_sentinels = {**bounds, "password": options.pop("sentinel_password", None)}
    if options.pop("connection_class", None) is not None:
        options["ssl"] = True
        for_sentinels |= {name: each for name, each in options.items() if name.startswith("ssl")}
    for name in ("host", "port"):
        options.pop(name, None)
    places = [(str(each.get("host", "localhost")), int(each.get("port", 26379))) for each in asked]
    known: Any = Sentinel(places, sentinel_kwargs=for_sentinels, **options)  # type: ignore[no-untyped-call]  # the vendor's
    return RedisCache(known.master_for(service), known.sentinels, prefix=prefix)


class RedisCache:
    """Keys get a prefix, so that the database may be shared. How much room there is, and what goes
    first, is the server's own setting (`maxmemory`, `maxmemory-policy`)."""

    def __init__(
        self, client: Redis, sentinels: Sequence[Redis] = (), *, prefix: str = PREFIX
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._sentinels = sentinels
        self._increment = client.register_script(_INCREMENT)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says."""
        if not keys:
            return []
        with _redis_errors():
            found = await self._client.mget([self._prefix + key for key in keys])
        return [value if isinstance(value, bytes) else None for value in found]

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """As the port says."""
        with _redis_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for key, value in items.items():
                    pipe.set(self._prefix + key, value, px=ttl)
                await pipe.execute()

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        if keys:
            with _redis_errors():
                await self._client.unlink(*[self._prefix + key for key in keys])

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """As the port says; atomic on the server."""
        milliseconds = int(ttl.total_seconds() * 1000)
        with _redis_errors():
            count = await self._increment(keys=[self._prefix + key], args=[amount, milliseconds])
        return int(count)

    async def aclose(self) -> None:
        """Close the connections."""
        with _redis_errors():
            for each in (self._client, *self._sentinels):
                await each.aclose()


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise TimedOut("Redis did not answer in time") from error
    except (RedisError, OSError) as error:
        raise Unavailable(f"cannot reach Redis: {error}") from error
