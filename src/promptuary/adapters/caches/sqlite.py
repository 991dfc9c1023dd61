"""`sqlite:///path` a cache in a file: for embeddings, which are worth more than a process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import time
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

from promptuary.domain.errors import Misconfigured, StorageFull, Unavailable

BYTES = 256 * 1024 * 1024
_AT_ONCE = 500
_TABLE = """
CREATE TABLE IF NOT EXISTS cache (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, until REAL, size INTEGER NOT NULL, used REAL NOT NULL
)
"""

P = ParamSpec("P")
T = TypeVar("T")


def connect(url: str) -> SqliteCache:
    """`sqlite:///relative/path`, `sqlite:////absolute/path`; the file is made when first used."""
    path = url.partition(":")[2].removeprefix("//")
    if not path.startswith("/") or not path[1:]:
        raise Misconfigured("a cache in SQLite is written sqlite:///path/to/cache.db")
    return SqliteCache(Path(path[1:]))


class SqliteCache:
    """Values may take `room` bytes in all; then what was written longest ago goes. `clock` gives
    seconds since 1970. A damaged file is thrown away: nothing in it is the only copy.
    """

    def __init__(self, path: Path, *, room: int = BYTES, clock: Callable[[], float] = time) -> None:
        self._path = path
        self._room = room
        self._clock = clock
        self._turn = anyio.CapacityLimiter(1)
        self._database: sqlite3.Connection | None = None
        self._used = 0

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """As the port says."""
        return await self._run(self._get_many, keys)

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """As the port says."""
        await self._run(self._set_many, items, ttl)

    async def remove_many(self, keys: Sequence[str]) -> None:
        """As the port says."""
        await self._run(self._remove_many, keys)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """As the port says."""
        return await self._run(self._increment, key, amount, ttl)

    async def aclose(self) -> None:
        """Close the file."""
        await self._run(self._close)

    def _get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._opened().execute(
                f"SELECT key, value FROM cache WHERE key IN ({marks})"  # noqa: S608  # marks only
                " AND (until IS NULL OR until > ?)",
                (*some, self._clock()),
            )
            found.update(rows.fetchall())
        return [found.get(key) for key in keys]

    def _set_many(self, items: Mapping[str, bytes], ttl: timedelta | None) -> None:
        now = self._clock()
        until = None if ttl is None else now + ttl.total_seconds()
        rows = [(k, v, until, len(k) + len(v), now) for k, v in items.items()]
        with self._opened() as database:
            database.executemany("INSERT OR REPLACE INTO cache VALUES (?, ?, ?, ?, ?)", rows)
            self._used += sum(row[3] for row in rows)
            if self._used > self._room:
                self._make_room(database)

    def _make_room(self, database: sqlite3.Connection) -> None:
        """Forget what is stale, then what was written longest ago, until a tenth is free."""
        database.execute("DELETE FROM cache WHERE until <= ?", (self._clock(),))
        database.execute(
            "DELETE FROM cache WHERE key IN (SELECT key FROM ("
            "SELECT key, SUM(size) OVER (ORDER BY used DESC, key) AS total FROM cache"
            ") WHERE total > ?)",
            (self._room * 9 // 10,),
        )
        self._used = _used(database)

    def _remove_many(self, keys: Sequence[str]) -> None:
        with self._opened() as database:
            database.executemany("DELETE FROM cache WHERE key = ?", [(key,) for key in keys])

    def _increment(self, key: str, amount: int, ttl: timedelta) -> int:
        now = self._clock()
        with self._opened() as database:
            database.execute("DELETE FROM cache WHERE key = ? AND until <= ?", (key, now))
            ((count,),) = database.execute(
                "INSERT INTO cache VALUES (:key, CAST(:amount AS TEXT), :until, 32, :now)"
                " ON CONFLICT (key) DO UPDATE SET"
                " value = CAST(CAST(value AS INTEGER) + :amount AS TEXT)"
                " RETURNING CAST(value AS INTEGER)",
                {"key": key, "amount": amount, "until": now + ttl.total_seconds(), "now": now},
            ).fetchall()
        return int(count)

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._throw_away()
                self._database = self._open()
        return self._database

    def _throw_away(self) -> None:
        self._close()
        for part in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + part).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_TABLE)
            self._used = _used(database)
        except sqlite3.Error:
            database.close()
            raise
        return database

    async def _run(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def turn() -> T:
            try:
                return ask(*args, **kwargs)
            except (sqlite3.Error, OSError) as error:
                if _is_damage(error):
                    self._throw_away()
                if "full" in str(error) or "No space" in str(error):
                    raise StorageFull(f"no room left for the cache {self._path}") from error
                raise Unavailable(f"cannot use the cache {self._path}: {error}") from error

        return await anyio.to_thread.run_sync(turn, limiter=self._turn)


def _is_damage(error: Exception) -> bool:
    """Whether the file itself is wrong, rather than busy, forbidden or full."""
    return isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _used(database: sqlite3.Connection) -> int:
    ((used,),) = database.execute("SELECT COALESCE(SUM(size), 0) FROM cache").fetchall()
    return int(used)
