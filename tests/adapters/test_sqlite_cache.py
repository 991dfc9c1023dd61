from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from promptuary.adapters.caches.sqlite import SqliteCache, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.ports.cache import Cache
from promptuary.testing.cache import CacheContract


class HandClock:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


class TestSqliteCache(CacheContract):
    clock = HandClock()

    @pytest.fixture
    async def cache(self, tmp_path: Path) -> AsyncIterator[SqliteCache]:
        opened = SqliteCache(tmp_path / "deep" / "cache.db", clock=self.clock)
        yield opened
        await opened.aclose()

    async def pass_time(self, cache: Cache, time: timedelta) -> None:
        self.clock.seconds += time.total_seconds()


@pytest.fixture
async def cache(tmp_path: Path) -> AsyncIterator[SqliteCache]:
    opened = connect(f"sqlite:///{tmp_path}/cache.db")
    yield opened
    await opened.aclose()


@pytest.mark.anyio
async def test_what_was_set_is_there_when_opened_again(cache: SqliteCache, tmp_path: Path) -> None:
    await cache.set_many({"a": b"1"})
    await cache.aclose()
    assert await cache.get_many(["a"]) == [b"1"]
    again = SqliteCache(tmp_path / "cache.db")
    assert await again.get_many(["a"]) == [b"1"]
    await again.aclose()


@pytest.mark.anyio
async def test_what_was_written_longest_ago_goes_when_room_is_needed(tmp_path: Path) -> None:
    clock = HandClock()
    cache = SqliteCache(tmp_path / "cache.db", room=10_000, clock=clock)
    for i in range(30):
        clock.seconds += 1
        await cache.set_many({f"key{i:02}": b"x" * 495})
    kept = [value is not None for value in await cache.get_many([f"key{i:02}" for i in range(30)])]
    await cache.aclose()
    assert kept[-1]
    assert kept == sorted(kept)
    assert 15 <= sum(kept) <= 20


@pytest.mark.anyio
@pytest.mark.parametrize(
    "damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_damaged_file_is_thrown_away(
    cache: SqliteCache, tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / "cache.db").write_bytes(damage)
    await cache.set_many({"a": b"1"})
    assert await cache.get_many(["a"]) == [b"1"]


@pytest.mark.anyio
async def test_a_folder_in_its_place_makes_it_unavailable(
    cache: SqliteCache, tmp_path: Path
) -> None:
    (tmp_path / "cache.db").mkdir()
    with pytest.raises(Unavailable):
        await cache.get_many(["a"])


def test_a_url_without_a_path_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("sqlite:")
