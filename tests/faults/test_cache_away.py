"""Caches are never the only copy of anything: away or damaged, they cost time and nothing else."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from outcomes import outcome, traffic
from redis import Redis

import servers
from promptuary import Promptuary
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TRAFFIC = traffic(12)
PARTS = (TRAFFIC[:20], TRAFFIC[20:40], TRAFFIC[40:])
"""Every test sends these one after the other."""


@pytest.fixture
def nobody() -> Iterator[str]:
    """A Redis URL whose port is taken, so that nobody comes to listen on it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{taken.getsockname()[1]}/0"


def cached_in(redis: str) -> Settings:
    return Settings(cache_url=redis, embedding_cache_url=redis)


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The outcome where every cache was there all the time."""

    async def undisturbed() -> dict[str, Any]:
        async with await Promptuary.open(tmp_path_factory.mktemp("unharmed")) as opened:
            for part in PARTS:
                await opened.ingest(part)
            return await outcome(opened)

    return asyncio.run(undisturbed())


async def near(opened: Promptuary) -> list[tuple[str, float]]:
    """What a search by meaning finds: the vectors, as far as one can see them."""
    answer = await opened.search("ticket in Finnish", mode="meaning")
    assert answer.hits
    return [(hit.id, pytest.approx(hit.score)) for hit in answer.hits]


def vectors(home: Path) -> list[bytes]:
    """Every vector in the file."""
    with closing(sqlite3.connect(home / "embeddings.db")) as cache:
        return [value for (value,) in cache.execute("SELECT value FROM cache ORDER BY key")]


async def test_without_redis_everything_works_and_health_names_the_cache(
    tmp_path: Path, nobody: str, unharmed: dict[str, Any]
) -> None:
    async with await Promptuary.open(tmp_path, settings=cached_in(nobody)) as opened:
        health = await opened.health()
        for part in PARTS:
            await opened.ingest(part)
        seen = await outcome(opened)
    assert health.status == "degraded"
    assert [(part.name, part.state) for part in health.parts if part.state != "ok"] == [
        ("cache", "degraded")
    ]
    assert seen == unharmed


async def test_redis_that_goes_away_in_the_middle_is_not_missed_and_used_again(
    tmp_path: Path, redis_server: servers.Server, redis_url: str, unharmed: dict[str, Any]
) -> None:
    async with await Promptuary.open(tmp_path, settings=cached_in(redis_url)) as opened:
        try:
            await opened.ingest(PARTS[0])
            assert (await opened.health()).status == "healthy"
            redis_server.stop()
            await opened.ingest(PARTS[1])
            assert (await opened.health()).status == "degraded"
        finally:
            redis_server.start()
        assert (await opened.health()).status == "healthy"
        with Redis.from_url(redis_url) as client:
            client.flushall()
            await opened.ingest(PARTS[2])
            assert client.dbsize()
        seen = await outcome(opened)
    assert seen == unharmed


async def test_redis_that_hangs_or_was_flushed_changes_nothing(
    tmp_path: Path, redis_server: servers.Server, redis_url: str, unharmed: dict[str, Any]
) -> None:
    async with await Promptuary.open(tmp_path, settings=cached_in(redis_url)) as opened:
        await opened.ingest(PARTS[0])
        with redis_server.frozen():
            await opened.ingest(PARTS[1])
            assert (await opened.health()).status == "degraded"
        with Redis.from_url(redis_url) as client:
            client.flushall()
        await opened.ingest(PARTS[2])
        assert (await opened.health()).status == "healthy"
        assert await outcome(opened) == unharmed


async def test_redis_that_is_full_or_read_only_changes_nothing(
    tmp_path: Path, redis_url: str, unharmed: dict[str, Any]
) -> None:
    troubles = (("maxmemory", 1), ("min-replicas-to-write", 1))
    with Redis.from_url(redis_url) as client:
        async with await Promptuary.open(tmp_path, settings=cached_in(redis_url)) as opened:
            await opened.ingest(PARTS[0])
            for part, (name, value) in zip(PARTS[1:], troubles, strict=True):
                try:
                    client.config_set(name, value)
                    await opened.ingest(part)
                finally:
                    client.config_set(name, 0)
            assert await outcome(opened) == unharmed


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\0" * 300])
async def test_a_damaged_cache_of_vectors_is_thrown_away(
    content: bytes, tmp_path: Path, unharmed: dict[str, Any]
) -> None:
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(PARTS[0])
    (tmp_path / "embeddings.db").write_bytes(content)
    async with await Promptuary.open(tmp_path) as opened:
        for part in PARTS[1:]:
            await opened.ingest(part)
        seen = await outcome(opened)
    assert seen == unharmed
    assert vectors(tmp_path)


async def test_vectors_that_are_not_what_was_cached_are_computed_anew(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(TRAFFIC)
        before = await near(opened)
    kept = vectors(tmp_path)
    signalling_nan, long = (four * (len(kept[0]) // 4) for four in (b"\1\0\x80\x7f", b"\0\0\0@"))
    with closing(sqlite3.connect(tmp_path / "embeddings.db")) as cache, cache:
        for rest, value in enumerate((b"abc", signalling_nan, long)):
            cache.execute("UPDATE cache SET value = ? WHERE rowid % 3 = ?", (value, rest))
    async with await Promptuary.open(tmp_path) as opened:
        await opened.rebuild_index()
        assert await near(opened) == before
    healed = [now for now, was in zip(vectors(tmp_path), kept, strict=True) if now == was]
    assert len(healed) >= len({prompt.text for prompt in TRAFFIC}), "all that were asked for again"
