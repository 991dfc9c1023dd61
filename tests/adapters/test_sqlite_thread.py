from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from promptuary.adapters.units_of_work._sql.sqlite_thread import ThreadedConnection, connect


class Counted(ThreadedConnection):
    """Counts what is put before the thread, except opening and closing."""

    crossings = 0

    async def _execute(self, fn: Callable[..., object], *args: object, **kwargs: object) -> object:
        self.crossings += 1
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite's


async def opened(path: Path, *, reads: bool) -> Counted:
    connector = partial(sqlite3.connect, path, isolation_level=None)
    connection = Counted(connector, reads=reads)
    await connection
    return connection


async def run(connection: Counted, statement: str, *parameters: object) -> list[object]:
    cursor = connection.cursor()
    await cursor.execute(statement, parameters)
    return list(await cursor.fetchall())


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Counted]:
    connection = await opened(tmp_path / "a.db", reads=False)
    await run(connection, "PRAGMA journal_mode=WAL")
    await run(connection, "CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    connection.crossings = 0
    yield connection
    await connection.close()


@pytest.mark.anyio
async def test_a_query_with_its_transaction_crosses_once(writer: Counted, tmp_path: Path) -> None:
    reader = await opened(tmp_path / "a.db", reads=True)
    await run(reader, "BEGIN")
    found = await run(reader, "SELECT count(*) FROM numbers")
    await reader.commit()
    await reader.rollback()
    crossings = reader.crossings
    await reader.close()
    assert (found, crossings) == ([(0,)], 1)


@pytest.mark.anyio
async def test_writing_crosses_once_a_statement_and_once_to_commit(writer: Counted) -> None:
    await run(writer, "BEGIN IMMEDIATE")
    await run(writer, "INSERT INTO numbers VALUES (1)")
    await writer.cursor().executemany("INSERT INTO numbers VALUES (?)", [(2,), (3,)])
    await writer.commit()
    await writer.rollback()
    assert writer.crossings == 3
    assert await run(writer, "SELECT sum(number) FROM numbers") == [(6,)]


@pytest.mark.anyio
async def test_what_was_written_is_gone_after_a_rollback(writer: Counted) -> None:
    await run(writer, "BEGIN IMMEDIATE")
    await run(writer, "INSERT INTO numbers VALUES (1)")
    await writer.rollback()
    assert await run(writer, "SELECT * FROM numbers") == []


@pytest.mark.anyio
async def test_a_transaction_in_which_nothing_was_asked_costs_nothing(writer: Counted) -> None:
    await run(writer, "BEGIN IMMEDIATE")
    await writer.commit()
    assert writer.crossings == 0


@pytest.mark.anyio
async def test_a_reader_sees_what_was_committed_between_its_transactions(
    writer: Counted, tmp_path: Path
) -> None:
    reader = await opened(tmp_path / "a.db", reads=True)
    seen = []
    for number in (1, 2):
        await run(reader, "BEGIN")
        seen.append(await run(reader, "SELECT count(*) FROM numbers"))
        await run(writer, "INSERT INTO numbers VALUES (?)", number)
        seen.append(await run(reader, "SELECT count(*) FROM numbers"))
        await reader.commit()
    await reader.close()
    assert seen == [[(0,)], [(0,)], [(1,)], [(1,)]]


@pytest.mark.anyio
async def test_whoever_gives_up_while_it_opens_leaves_nothing_open(tmp_path: Path) -> None:
    told: list[str] = []

    class Told(sqlite3.Connection):
        def close(self) -> None:
            told.append("closed")
            super().close()

    opened: Callable[..., Awaitable[object]] = partial(connect, factory=Told)
    opening = asyncio.ensure_future(opened(str(tmp_path / "db"), reads=False, patience=1))
    for _ in range(3):
        await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert told == ["closed"]
