"""`redis://HOST:6379/0` the conversations that an older service keeps in Redis or Valkey (extra:
`redis`): `conversation:{id}`, `conversation_messages:{id}`, `message:{id}` and
`user_conversations:{user}`. Rows are JSON, or hashes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from promptuary.adapters._redis import named
from promptuary.domain.errors import Misconfigured
from promptuary.domain.threads import OlderThread

PATIENCE = 10.0
AT_ONCE = 500
MOST_MESSAGES = 100_000
THREAD, LISTED, MESSAGE, OF_USER = (
    "conversation:", "conversation_messages:", "message:", "user_conversations:"
)  # fmt: skip


def connect(url: str) -> RedisThreadArchive:
    """Nothing is connected yet; raises Misconfigured for no URL of a Redis."""
    try:
        client = Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    except ValueError as error:
        raise Misconfigured(f"not a URL of a Redis: {error}") from error
    return RedisThreadArchive(client)


class RedisThreadArchive:
    """The port `ThreadArchive`; reads with SCAN, MGET and ZRANGE, and writes nothing."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def threads(self) -> AsyncGenerator[OlderThread, None]:
        """As the port says; a conversation whose row is gone is found by its messages."""
        with named():
            owners = await self._owners()
            seen: set[str] = set()
            for prefix in (THREAD, LISTED):
                async for some in self._scanned(prefix):
                    ids = [each for each in dict.fromkeys(some) if each not in seen]
                    seen.update(ids)
                    for each in ids:
                        yield await self._thread(each, owners.get(each, ""))

    async def aclose(self) -> None:
        """As the port says."""
        await self._client.aclose()

    async def _owners(self) -> Mapping[str, str]:
        """Whose each conversation is, by the lists of users."""
        owners: dict[str, str] = {}
        async for users in self._scanned(OF_USER):
            for user in users:
                listed, _ = await self._members(f"{OF_USER}{user}")
                owners.update({thread: user for thread, _ in listed})
        return owners

    async def _thread(self, id: str, user: str) -> OlderThread:
        unread: list[str] = []
        row = await self._row(f"{THREAD}{id}", unread)
        listed, wrong = await self._members(f"{LISTED}{id}")
        unread += wrong
        messages: list[Mapping[str, Any]] = []
        for at in range(0, len(listed), AT_ONCE):
            some = listed[at : at + AT_ONCE]
            for (message, score), found in zip(some, await self._rows(some, unread), strict=True):
                if found is not None:
                    messages.append({"id": message, "timestamp": score, **found})
        return OlderThread(id, row, user, tuple(messages), tuple(unread))

    async def _rows(
        self, listed: Sequence[tuple[str, float]], unread: list[str]
    ) -> list[Mapping[str, Any] | None]:
        """MGET gives nothing for a key of another kind; those are looked at one by one."""
        keys = [f"{MESSAGE}{each}" for each, _ in listed]
        found = await self._client.mget(keys)
        return [
            _parsed(key, value, unread) if value is not None else await self._row(key, unread)
            for key, value in zip(keys, found, strict=True)
        ]

    async def _row(self, key: str, unread: list[str]) -> Mapping[str, Any] | None:
        """A row of either kind; None where there is none, or none that can be read."""
        try:
            value = await self._client.get(key)
            if value is not None:
                return _parsed(key, value, unread)
            if key.startswith(MESSAGE):
                unread.append(f"{key}: gone")
            return None
        except ResponseError:  # another kind of value
            return await self._hash(key, unread)

    async def _hash(self, key: str, unread: list[str]) -> Mapping[str, Any] | None:
        try:
            found = await cast("Awaitable[dict[bytes, bytes]]", self._client.hgetall(key))
        except ResponseError:
            unread.append(f"{key}: neither a text nor a hash")
            return None
        return {_text(name): _text(value) for name, value in found.items()}

    async def _members(self, key: str) -> tuple[list[tuple[str, float]], list[str]]:
        """Ids with their scores, the oldest first."""
        try:
            asked = self._client.zrange(key, 0, MOST_MESSAGES - 1, withscores=True)
            found = cast("list[tuple[bytes, float]]", await asked)
        except ResponseError:
            return [], [f"{key}: no sorted set"]
        return [(_text(each), float(score)) for each, score in found], []

    async def _scanned(self, prefix: str) -> AsyncGenerator[list[str], None]:
        """What follows a prefix in the names of keys, some at a time; one may come again."""
        cursor = 0
        while True:
            cursor, keys = await self._client.scan(cursor, match=f"{prefix}*", count=AT_ONCE)
            if keys:
                yield [_text(key).removeprefix(prefix) for key in keys]
            if cursor == 0:
                return


def _parsed(key: str, value: bytes | str, unread: list[str]) -> Mapping[str, Any] | None:
    try:
        row = json.loads(value)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        unread.append(f"{key}: not a JSON object")
        return None
    return row


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
