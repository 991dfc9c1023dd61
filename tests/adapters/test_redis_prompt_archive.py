"""Prompts of the older service in a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from promptuary.adapters.prompt_archives.redis import RedisPromptArchive, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.testing.prompt_archive import RAW, PromptArchiveContract

pytestmark = pytest.mark.anyio


@pytest.fixture
async def archive(redis_url: str) -> AsyncIterator[RedisPromptArchive]:
    opened = connect(redis_url)
    yield opened
    await opened.aclose()


class TestRedisPromptArchive(PromptArchiveContract):
    pass


async def test_keys_of_another_kind_stop_nobody(archive: RedisPromptArchive, redis_url: str):
    async with Redis.from_url(redis_url) as client:
        await client.lpush("prompt_content:5", "x")
        await client.set("prompt_topics:docker", "x")
        await client.set("prompt:" + "a" * 64, "cached", ex=3_600)
    (broken,), cursor = await archive.page()
    assert (broken.id, broken.raw, cursor) == ("5", b"", "")
    assert list(await archive.about(["docker"], None, 5)) == []
    assert await archive.write("5", RAW, expected=b"")
    assert [each.raw for each in await archive.get(["5"])] == [RAW]


async def test_a_redis_that_is_away_is_unavailable() -> None:
    archive = connect("redis://127.0.0.1:9/0")
    with pytest.raises(Unavailable):
        await archive.page()
    await archive.aclose()


def test_what_is_no_redis_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("http://127.0.0.1")
