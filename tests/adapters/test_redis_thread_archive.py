"""Conversations of the older service in a real Redis, with the dirt that years leave there."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from promptuary.adapters.thread_archives.redis import RedisThreadArchive, connect
from promptuary.app import Promptuary
from promptuary.domain.errors import Misconfigured, NotFound, Unavailable
from promptuary.settings import Settings
from promptuary.testing.thread_archive import EMPTY, ONE, ThreadArchiveContract, older_rows

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


async def kept(client: Redis, row, said, *, as_hash: bool = False, list_it: bool = True) -> None:
    """Write a conversation as the older service does."""
    thread, user = row["id"], row["user_id"]
    if as_hash:
        flat = {k: v if isinstance(v, str) else json.dumps(v) for k, v in row.items()}
        await client.hset(f"conversation:{thread}", mapping=flat)
    else:
        await client.set(f"conversation:{thread}", json.dumps(row), ex=604_800)
    for message in said:
        at = datetime.fromisoformat(message["timestamp"]).timestamp()
        await client.set(f"message:{message['id']}", json.dumps(message), ex=2_592_000)
        await client.zadd(f"conversation_messages:{thread}", {message["id"]: at})
    if list_it:
        await client.zadd(f"user_conversations:{user}", {thread: NOW.timestamp()})


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as opened:
        yield opened


class TestRedisThreadArchive(ThreadArchiveContract):
    @pytest.fixture
    async def archive(self, client: Redis, redis_url: str) -> AsyncIterator[RedisThreadArchive]:
        for row, said in (ONE, EMPTY):
            await kept(client, row, said)
        opened = connect(redis_url)
        yield opened
        await opened.aclose()


def lately(row, said, *, days: float = 1.0):
    """The same, so many days ago."""
    at = NOW - timedelta(days=days)
    for n, each in enumerate(said):
        each["timestamp"] = (at + timedelta(seconds=n)).isoformat()
    return row | {"created_at": at.isoformat(), "last_activity": at.isoformat()}, said


@dataclass(frozen=True)
class Filled:
    """What a generated Redis holds: conversations that must come over, with their texts."""

    good: dict[str, tuple[str, list[str]]]
    expired: int
    refused: int
    lost: int


async def filled(client: Redis, seed: int = 7, count: int = 200) -> Filled:
    """A Redis as years of use leave it."""
    drawn = random.Random(seed)
    good: dict[str, tuple[str, list[str]]] = {}
    expired = refused = lost = 0
    for number in range(count):
        user = f"user-{drawn.randrange(9)}"
        texts = [
            f"{number}/{n} ✓ \u0000 {'x' * drawn.randrange(80)}"
            for n in range(drawn.randrange(1, 9))
        ]
        row, said = lately(*older_rows(f"c-{number}", user, *texts), days=drawn.random() * 3)
        dirt = drawn.choice(["", "", "", "old", "hash", "orphan", "nobody", "gone", "wrong"])
        if dirt == "old":
            row, said = lately(row, said, days=40)
            expired += 1
        if dirt == "orphan":  # its row expired before its messages
            await kept(client, row, said)
            await client.delete(f"conversation:{row['id']}")
        elif dirt == "nobody":
            await kept(client, row | {"user_id": ""}, said, list_it=False)
            refused += 1
        elif dirt == "gone":
            await kept(client, row, said)
            await client.delete(f"message:{said[-1]['id']}")
            texts, lost = texts[:-1], lost + 1
        elif dirt == "wrong":
            said[0] |= drawn.choice(
                [{"role": "system"}, {"content": None}, {"timestamp": "x", "content": 7},
                 {"conversation_id": "another"}, {"content": "y" * 100_001}]
            )  # fmt: skip
            broken = [each for each in said if each is not said[0]]
            await kept(client, row, broken)
            await client.set(f"message:{said[0]['id']}", json.dumps(said[0]))
            await client.zadd(f"conversation_messages:{row['id']}", {said[0]["id"]: 0.0})
            texts, lost = texts[1:], lost + 1
        else:
            await kept(client, row, said, as_hash=dirt == "hash")
        if dirt not in {"old", "nobody"}:
            good[row["id"]] = (user, texts)
    await client.set("conversation:broken", b"{not json")
    await client.lpush("conversation:list", "x")
    await client.set("conversation:bad id!", json.dumps({"user_id": "u"}))
    await client.set("conversation_messages:text", "no sorted set")
    await client.set("user_conversations:x", "no sorted set either")
    await client.set("message:stray", json.dumps({"id": "stray"}))
    await client.set("message:list", "[1]")
    return Filled(good, expired, refused + 4, lost)


async def test_a_grown_redis_comes_over_once_whole_and_to_its_owners(
    client: Redis, redis_url: str, tmp_path: Path
) -> None:
    there = await filled(client)
    size = await client.dbsize()
    async with await Promptuary.open(settings=Settings(home=tmp_path)) as promptuary:
        conversation = promptuary.conversation
        done = await conversation.import_conversations(redis_url)
        assert (done.new, done.expired, done.refused) == (
            len(there.good), there.expired, there.refused
        )  # fmt: skip
        assert done.messages == sum(len(texts) for _, texts in there.good.values())
        assert done.lost == there.lost
        for thread, (user, texts) in there.good.items():
            found = await conversation.export(thread, user=user)
            assert [each.text for each in found.messages] == texts
            with pytest.raises(NotFound):
                await conversation.export(thread, user="user-x")
        again = await conversation.import_conversations(redis_url)
        assert (again.new, again.messages, again.same) == (0, 0, len(there.good))
    assert await client.dbsize() == size


async def test_a_conversation_goes_on_here_and_grows_with_what_is_said_there(
    client: Redis, redis_url: str, tmp_path: Path
) -> None:
    row, said = lately(*older_rows("one", "ada", "how many cars today?", "3 cars."))
    await kept(client, row, said)
    async with await Promptuary.open(settings=Settings(home=tmp_path)) as promptuary:
        conversation = promptuary.conversation
        await conversation.import_conversations(redis_url)
        turn = await conversation.converse(
            "how many cars today?", conversation_id="one", user="ada"
        )
        assert turn.conversation.turns == 2
        later = {**said[0], "id": "late", "content": "and boats?", "timestamp": NOW.isoformat()}
        await kept(client, row, [later])
        done = await conversation.import_conversations(redis_url)
        assert (done.grew, done.messages) == (1, 1)
        assert len((await conversation.export("one", user="ada")).messages) == 5
        stolen = row | {"user_id": "eve"}
        await kept(client, stolen, [])
        refused = await conversation.import_conversations(redis_url)
        assert (refused.refused, "somebody else" in refused.reasons[-1]) == (1, True)


async def test_a_redis_that_is_away_is_unavailable() -> None:
    archive = connect("redis://127.0.0.1:9/0")
    with pytest.raises(Unavailable):
        await anext(archive.threads())
    await archive.aclose()


def test_what_is_no_redis_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("http://127.0.0.1")
