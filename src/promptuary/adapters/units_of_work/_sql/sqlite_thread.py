"""A SQLite connection in a thread of its own, to which a statement crosses once.

`aiosqlite` crosses for each call of the driver: a query is a cursor, its execution, its rows and
its end, and a transaction has a begin, a commit and a rollback besides. Crossing costs more than
most of our statements. So here a statement and all its rows are one crossing, a transaction begins
with its first statement, and nothing crosses where there is nothing to do.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import aiosqlite
from anyio import CancelScope

T = TypeVar("T")
_CHUNK = 64
"""Rows that aiosqlite would fetch at a time while it streams; we never stream."""
LOOK_AGAIN_SECONDS = 0.005


async def connect(
    database: str, *, reads: bool, patience: float, **given: bool
) -> ThreadedConnection:
    """Open the file; what SQLAlchemy has given besides goes to the driver.

    `patience` is how many seconds to wait for another process. With `reads` nothing is ever
    written, so the end of a transaction need not be waited for. Transactions are begun by those who
    use the connection: the driver would begin them late and deferred.
    """
    connector = partial(_opened, database, patience, reads=reads, **given)
    opened = ThreadedConnection(connector, reads=reads)
    opening = asyncio.ensure_future(opened)
    try:
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        # A thread that nobody waits for would keep the file, and may outlive the loop.
        with CancelScope(shield=True):
            await opening
            await opened.close()
        raise
    return opened


def _opened(database: str, patience: float, *, reads: bool, **given: bool) -> sqlite3.Connection:
    opened = sqlite3.connect(database, timeout=patience, isolation_level=None, **given)
    if not reads:
        _write_ahead(opened, time.monotonic() + patience)
    return opened


def _write_ahead(opened: sqlite3.Connection, until: float) -> None:
    """Log ahead of writing. SQLite does not wait for whoever else turns a new file to that at the
    same moment, so that is done here."""
    while True:
        try:
            opened.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                opened.close()
                raise
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


class ThreadedConnection(aiosqlite.Connection):
    """What SQLAlchemy uses of aiosqlite's connection, with fewer crossings."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], *, reads: bool) -> None:
        """As aiosqlite's; nothing is opened before it is awaited."""
        super().__init__(connector, _CHUNK)
        self._thread.daemon = True  # no process hangs for want of a close
        self._reads = reads
        self._due: str | None = None
        self._begun = False

    def cursor(self) -> ThreadedCursor:  # type: ignore[override]  # no crossing, so nothing to await
        """A cursor; it costs nothing before it is used."""
        return ThreadedCursor(self)

    async def commit(self) -> None:
        """Keep the transaction, if there is one. One that has only read ends behind our back."""
        self._due = None
        if self._begun and self._reads:
            self._begun = False
            self._tx.put_nowait((None, self._conn.commit))
        elif self._begun:
            await super().commit()
            self._begun = False

    async def rollback(self) -> None:
        """Forget the transaction, if there is one."""
        self._due = None
        if self._begun:
            await super().rollback()
            self._begun = False

    async def ask(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """Call it in the connection's thread, inside the transaction that is due."""
        begin, self._due = self._due, None
        self._begun = self._begun or begin is not None
        crossing = self._execute(_within, self._conn, begin, ask)  # type: ignore[no-untyped-call]  # aiosqlite's
        found: T = await crossing
        return found

    def begin_later(self, statement: str) -> None:
        """Begin with the next statement."""
        self._due = statement


@dataclass(slots=True)  # changes: it holds what was found last
class ThreadedCursor:
    """One statement at a time, with all its rows at once."""

    connection: ThreadedConnection
    arraysize: int = 1
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    _rows: Sequence[Any] = ()

    async def __aenter__(self) -> ThreadedCursor:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        """Run it and fetch what it finds."""
        if operation.startswith("BEGIN"):
            self.connection.begin_later(operation)
        else:
            await self.connection.ask(partial(self._run, operation, parameters))

    async def executemany(self, operation: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run it once a row."""
        await self.connection.ask(partial(self._run_many, operation, rows))

    async def fetchall(self) -> Sequence[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """Nothing is left open."""

    def _run(
        self, operation: str, parameters: Sequence[Any], connection: sqlite3.Connection
    ) -> None:
        self._keep(connection.execute(operation, parameters))

    def _run_many(
        self, operation: str, rows: Sequence[Sequence[Any]], connection: sqlite3.Connection
    ) -> None:
        self._keep(connection.executemany(operation, rows))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


def _within(
    connection: sqlite3.Connection, begin: str | None, ask: Callable[[sqlite3.Connection], T]
) -> T:
    if begin is not None:
        connection.execute(begin)
    return ask(connection)
