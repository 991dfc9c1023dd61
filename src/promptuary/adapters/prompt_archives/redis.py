"""`redis://HOST:6379/0` the prompts that SmartPrompt keeps in Redis or Valkey (extra: `redis`):
`prompt_content:{id}`, `prompt_topics:{topic}` and `prompt_index:domain:{domain}`, each domain in
two spellings. Its response cache `prompt:{sha256}` and its `ratelimit:` counters are left alone."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import (
    RedisError,
    ResponseError,
    WatchError,
)

from promptuary.adapters._redis import named
from promptuary.domain.errors import Misconfigured
from promptuary.domain.older_prompts import OlderList, OlderPrompt

PATIENCE: Final = 10.0
AT_ONCE: Final = 500
CONTENT: Final = "prompt_content:"
TOPIC: Final = "prompt_topics:"
DOMAIN: Final = "prompt_index:domain:"
POSITION: Final = "promptuary:relay:"
"""The only key of ours; it goes when the move is over."""


def connect(url: str) -> RedisPromptArchive:
    """Nothing is connected yet; raises Misconfigured for no URL of a Redis."""
    try:
        client = Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    except ValueError as error:
        raise Misconfigured(f"not a URL of a Redis: {error}") from error
    return RedisPromptArchive(client)


class RedisPromptArchive:
    """The port `PromptArchive`: reads with SCAN and MGET, writes content and lists in one
    transaction that fails when somebody else was quicker."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def page(self, cursor: str = "") -> tuple[Sequence[OlderPrompt], str]:
        """As the port says; SCAN keeps no state on the server, so an old cursor goes on."""
        with named():
            at = int(cursor) if cursor.isdecimal() else 0
            at, keys = await self._client.scan(at, match=f"{CONTENT}*", count=AT_ONCE)
            return await self._contents(list(keys)), str(at) if at else ""

    async def lists(self) -> AsyncGenerator[OlderList, None]:
        """As the port says."""
        with named():
            async for key in self._client.scan_iter(match=f"{TOPIC}*", count=AT_ONCE):
                yield OlderList(_text(key).removeprefix(TOPIC), "topic", await self._members(key))
            async for key in self._client.scan_iter(match=f"{DOMAIN}*", count=AT_ONCE):
                name = _text(key).removeprefix(DOMAIN)
                yield OlderList(name, "domain", await self._members(key))

    async def get(self, ids: Sequence[str]) -> Sequence[OlderPrompt]:
        """As the port says."""
        with named():
            return await self._contents([f"{CONTENT}{each}" for each in ids])

    async def about(
        self, topics: Sequence[str], domain: str | None, limit: int
    ) -> Sequence[OlderPrompt]:
        """As the port says: the list's name must be the topic, in lower case."""
        with named():
            found: set[str] = set()
            for topic in topics:
                found.update(await self._members(f"{TOPIC}{topic.strip().lower()}"))
            if domain is not None:
                listed = [await self._members(key) for key in _domain_keys(domain)]
                found.intersection_update(*[{each for ids in listed for each in ids}])
            wanted = sorted(found, key=lambda each: (len(each), each))[:limit]
            return await self._contents([f"{CONTENT}{each}" for each in wanted])

    async def write(self, id: str, raw: bytes | None, *, expected: bytes | None) -> bool:
        """As the port says."""
        key = f"{CONTENT}{id}"
        with named():
            async with self._client.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                try:
                    before = cast("bytes | None", await pipe.get(key))
                except ResponseError:  # another kind of value
                    before = b""
                if before != expected:
                    return False
                pipe.multi()  # type: ignore[no-untyped-call]  # redis-py says nothing of it
                _replaced(pipe, id, before, raw)
                try:
                    outcomes = await pipe.execute(raise_on_error=False)
                except WatchError:
                    return False
            for outcome in outcomes:
                # A key of a list that holds something else stays as it is: the content counts.
                if isinstance(outcome, RedisError) and "WRONGTYPE" not in str(outcome):
                    raise outcome
        return True

    async def position(self, name: str) -> int | None:
        """As the port says."""
        with named():
            found = await self._client.get(f"{POSITION}{name}")
        return int(found) if found is not None else None

    async def set_position(self, name: str, position: int | None) -> None:
        """As the port says."""
        with named():
            if position is None:
                await self._client.delete(f"{POSITION}{name}")
            else:
                await self._client.set(f"{POSITION}{name}", position)

    async def empty(self) -> bool:
        """Whether the whole database holds no key."""
        with named():
            return await self._client.dbsize() == 0

    async def lay(self, prompts: Iterable[OlderPrompt], lists: Iterable[OlderList]) -> None:
        """Put these there exactly as they are."""
        with named():
            for some in _batches(prompts):
                await self._client.mset({f"{CONTENT}{each.id}": each.raw for each in some})
            for listed in lists:
                key = f"{TOPIC if listed.of == 'topic' else DOMAIN}{listed.name}"
                for ids in _batches(listed.ids):
                    await self._client.sadd(key, *ids)

    async def clear(self) -> None:
        """Remove every key that the layout names, and ours."""
        with named():
            for prefix in (CONTENT, TOPIC, DOMAIN, POSITION):
                keys = [key async for key in self._client.scan_iter(match=f"{prefix}*")]
                for some in _batches(keys):
                    await self._client.delete(*some)

    async def aclose(self) -> None:
        """As the port says."""
        await self._client.aclose()

    async def _contents(self, keys: Sequence[bytes | str]) -> list[OlderPrompt]:
        """MGET gives nothing for a key of another kind as for none at all."""
        if not keys:
            return []
        found: list[OlderPrompt] = []
        for key, raw in zip(keys, await self._client.mget(keys), strict=True):
            if raw is not None:
                found.append(OlderPrompt(_text(key).removeprefix(CONTENT), _bytes(raw)))
            elif await self._client.exists(key):
                found.append(OlderPrompt(_text(key).removeprefix(CONTENT), b""))
        return found

    async def _members(self, key: bytes | str) -> tuple[str, ...]:
        try:
            found = await cast("Awaitable[set[bytes]]", self._client.smembers(_text(key)))
        except ResponseError:  # no set
            return ()
        return tuple(map(_text, found))


def _replaced(pipe: Pipeline, id: str, before: bytes | None, raw: bytes | None) -> None:
    """Content and lists, within a transaction."""
    key = f"{CONTENT}{id}"
    was, will = _listing(before), _listing(raw)
    for name in was - will:
        pipe.srem(name, id)
    for name in will - was:
        pipe.sadd(name, id)
    if raw is None:
        pipe.delete(key)
    else:
        pipe.set(key, raw)
        for name in will & was:  # an id may have been missing in a list
            pipe.sadd(name, id)


def _listing(raw: bytes | None) -> set[str]:
    """The keys of the lists that hold a prompt."""
    try:
        found: Any = json.loads(raw or b"null")
    except (ValueError, RecursionError):
        return set()
    if not isinstance(found, dict):
        return set()
    topics = _part(found, "response").get("detected_topics")
    domain = _part(found, "request").get("domain")
    keys = {f"{TOPIC}{each.lower()}" for each in _texts(topics)}
    return keys.union(_domain_keys(domain) if isinstance(domain, str) else ())


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def _texts(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _domain_keys(domain: str) -> tuple[str, str]:
    """Both spellings of a domain's list."""
    plain = domain.rpartition(".")[2]
    return f"{DOMAIN}{plain.lower()}", f"{DOMAIN}DomainType.{plain.upper()}"


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
