"""Caches are never the only copy of anything: away or damaged, they cost time and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from outcomes import outcome, traffic

import servers
from promptuary import Promptuary
from promptuary.settings import Settings

pytestmark = pytest.mark.anyio

TRAFFIC = traffic(12)


async def unharmed(home: Path) -> dict[str, Any]:
    async with await Promptuary.open(home) as opened:
        await opened.ingest(TRAFFIC)
        return await outcome(opened)


async def test_without_redis_everything_works_and_health_names_the_cache(tmp_path: Path) -> None:
    away = f"redis://127.0.0.1:{servers.free_port()}/0"
    settings = Settings(home=tmp_path / "home", cache_url=away, embedding_cache_url=away)
    async with await Promptuary.open(settings=settings) as opened:
        health = await opened.health()
        await opened.ingest(TRAFFIC)
        seen = await outcome(opened)
    assert health.status == "degraded"
    assert [(part.name, part.state) for part in health.parts if part.state != "ok"] == [
        ("cache", "degraded")
    ]
    assert seen == await unharmed(tmp_path / "unharmed")


async def test_redis_that_goes_away_in_the_middle_is_not_missed(
    tmp_path: Path, redis_server: servers.Server, redis_url: str
) -> None:
    settings = Settings(home=tmp_path / "home", cache_url=redis_url, embedding_cache_url=redis_url)
    async with await Promptuary.open(settings=settings) as opened:
        try:
            await opened.ingest(TRAFFIC[:20])
            assert (await opened.health()).status == "healthy"
            redis_server.stop()
            await opened.ingest(TRAFFIC[20:])
            assert (await opened.health()).status == "degraded"
        finally:
            redis_server.start()
        assert (await opened.health()).status == "healthy"
        seen = await outcome(opened)
    async with await Promptuary.open(tmp_path / "unharmed") as other:
        await other.ingest(TRAFFIC[:20])
        await other.ingest(TRAFFIC[20:])
        assert seen == await outcome(other)


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\0" * 300])
async def test_a_damaged_cache_of_vectors_is_thrown_away(content: bytes, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with await Promptuary.open(home) as opened:
        await opened.ingest(TRAFFIC[:20])
    (home / "embeddings.db").write_bytes(content)
    async with await Promptuary.open(home) as opened:
        await opened.ingest(TRAFFIC[20:])
        await opened.rebuild_index()
        assert (await opened.search("ticket", mode="meaning")).hits


async def test_vectors_that_are_not_what_was_cached_are_computed_anew(tmp_path: Path) -> None:
    import sqlite3

    home = tmp_path / "home"
    async with await Promptuary.open(home) as opened:
        await opened.ingest(TRAFFIC)
        before = await outcome(opened)
    with sqlite3.connect(home / "embeddings.db") as cache:
        changed = cache.execute("UPDATE cache SET value = zeroblob(3)").rowcount
    cache.close()
    async with await Promptuary.open(home) as opened:
        await opened.rebuild_index()
        assert await outcome(opened) == before
        assert (await opened.search("Finnish", mode="meaning")).hits
    assert changed
