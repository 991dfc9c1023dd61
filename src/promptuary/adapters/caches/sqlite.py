"""sqlite:///path — a cache in a file of its own, bounded in rows; for vectors that cost time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import anyio.to_thread

from promptuary.domain.errors import Misconfigured, Unavailable

ROWS = 500_000
_CHUNK = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, value BLOB NOT NULL, until REAL)
"""
_PUT = "INSERT OR REPLACE INTO items VALUES (?, ?, ?)"


def connect(url: str) -> SqliteCache:
    """A cache in that file, made if missing. Raises Misconfigured for a URL without a path."""
    path = url.partition("///")[2]
    if not path:
        raise Misconfigured(f"{url!r} names no file; write sqlite:///path/to/cache.db")
    return SqliteCache(Path(path))


class SqliteCache:
    """Oldest rows give way beyond `rows`. A file that is damaged is thrown away: it is a cache."""

    def __init__(
        self, path: Path, *, rows: int = ROWS, seconds: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._rows = rows
        self._seconds = seconds
        self._turn = threading.Lock()
        self._db: sqlite3.Connection | None = None

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """One answer per key, in order; None where nothing fresh is kept."""
        return await anyio.to_thread.run_sync(self._get, keys)

    async def set_many(self, items: Mapping[str, bytes], *, ttl: timedelta | None = None) -> None:
        """Keep the items."""
        until = None if ttl is None else self._seconds() + ttl.total_seconds()
        rows = [(key, value, until) for key, value in items.items()]
        await anyio.to_thread.run_sync(self._put, rows)

    async def remove_many(self, keys: Sequence[str]) -> None:
        """Forget the keys; unknown ones are ignored."""
        await anyio.to_thread.run_sync(self._remove, keys)

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        """Add to a counter and return it; the first addition starts the `ttl`."""
        return await anyio.to_thread.run_sync(self._add, key, amount, ttl.total_seconds())

    async def aclose(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._turn:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _get(self, keys: Sequence[str]) -> list[bytes | None]:
        found: dict[str, bytes] = {}
        with self._connection() as db:
            for start in range(0, len(keys), _CHUNK):
                some = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(some))
                fresh = f"key IN ({marks}) AND (until IS NULL OR until > ?)"
                query = f"SELECT key, value FROM items WHERE {fresh}"  # noqa: S608 - only marks
                rows = db.execute(query, (*some, self._seconds()))
                found.update(rows)
        return [found.get(key) for key in keys]

    def _put(self, rows: Sequence[tuple[str, bytes, float | None]]) -> None:
        with self._connection() as db:
            db.executemany(_PUT, rows)
            (count,) = db.execute("SELECT max(rowid) - min(rowid) FROM items").fetchone()
            if (count or 0) > self._rows:
                oldest = "SELECT rowid FROM items ORDER BY rowid LIMIT ?"
                db.execute(f"DELETE FROM items WHERE rowid IN ({oldest})", (len(rows) + 1,))  # noqa: S608 - a constant

    def _remove(self, keys: Sequence[str]) -> None:
        with self._connection() as db:
            db.executemany("DELETE FROM items WHERE key = ?", [(key,) for key in keys])

    def _add(self, key: str, amount: int, ttl: float) -> int:
        with self._connection() as db:
            now = self._seconds()
            found = db.execute("SELECT value, until FROM items WHERE key = ?", (key,)).fetchone()
            fresh = found is not None and (found[1] is None or found[1] > now)
            total = amount + (int(found[0]) if fresh else 0)
            db.execute(_PUT, (key, str(total).encode(), found[1] if fresh else now + ttl))
        return total

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The file in a transaction; one thread at a time."""
        with self._turn:
            try:
                if self._db is None:
                    self._db = _opened(self._path)
                with self._db:
                    yield self._db
            except sqlite3.Error as error:
                raise Unavailable(f"the cache {self._path} does not work: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _prepared(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")  # a cache may lose what it likes
        db.execute(_SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
