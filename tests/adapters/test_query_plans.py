"""SQLite answers out of the index that was made for the question, however many rows there are."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.adapters.units_of_work._sql.survey import LEAST
from promptuary.adapters.units_of_work._sql.transaction import SqlUnitOfWork
from promptuary.domain.events import Event, EventFilter, Window

pytestmark = pytest.mark.anyio

CAMERAS = tuple(f"camera-{n}" for n in range(12))
MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)


def seen(number: int) -> Event:
    camera, person = CAMERAS[number % 12], f"person-{number % 40}"
    when = MORNING + timedelta(minutes=number)
    return Event(f"e{number}", camera, ("car", "person")[number % 2], when, sub_label=person)


class Watched:
    """A record of events, and the plans by which it was read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._engines = sqlite_engines(f"sqlite:///{file}")
        self._asked: list[tuple[str, Any]] = []
        for engine in (self._engines.reading, self._engines.writing):
            event.listen(engine.sync_engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "FROM " in statement:
            self._asked.append((statement, given))

    def forget(self) -> None:
        self._asked.clear()

    async def open(self) -> SqlUnitOfWork:
        return await self._engines.open()

    def plans(self) -> Sequence[str]:
        """Those of what was asked."""
        with closing(sqlite3.connect(self._file)) as opened:
            found = [opened.execute(f"EXPLAIN QUERY PLAN {s}", got) for s, got in self._asked]
            return ["; ".join(row[3] for row in rows) for rows in found]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "record.db")


@pytest.fixture
async def record(watched: Watched) -> AsyncIterator[SqlUnitOfWork]:
    record = await watched.open()
    async with record.begin() as tx:
        await tx.seen.add([seen(number) for number in range(LEAST)])
    watched.forget()
    yield record
    await record.aclose()


WINDOW = (Window(MORNING, MORNING + timedelta(hours=3)),)


@pytest.mark.parametrize(
    ("where", "index"),
    [
        (EventFilter(), "ix_camera_events_"),
        (EventFilter(CAMERAS[:1]), "ix_camera_events_camera_id"),
        (EventFilter(labels=("car",)), "ix_camera_events_label"),
        (EventFilter(windows=WINDOW), "ix_camera_events_started"),
    ],
)
async def test_events_are_counted_in_an_index(
    record: SqlUnitOfWork, watched: Watched, where: EventFilter, index: str
) -> None:
    async with record.read() as tx:
        await tx.seen.count(where)
    (plan,) = watched.plans()
    assert f"USING COVERING INDEX {index}" in plan


@pytest.mark.parametrize(
    "where",
    [
        EventFilter(),
        EventFilter(CAMERAS),
        EventFilter(CAMERAS, windows=WINDOW),
    ],
)
async def test_the_newest_events_are_read_from_the_end_and_not_sorted(
    record: SqlUnitOfWork, watched: Watched, where: EventFilter
) -> None:
    async with record.read() as tx:
        await tx.seen.find(where, order="last", limit=5)
    (plan,) = watched.plans()
    assert "USING INDEX ix_camera_events_started" in plan
    assert "TEMP B-TREE" not in plan


async def test_whether_there_is_any_event_reads_no_table(
    record: SqlUnitOfWork, watched: Watched
) -> None:
    async with record.read() as tx:
        assert await tx.seen.exists(EventFilter(CAMERAS, windows=WINDOW))
    (plan,) = watched.plans()
    assert "USING COVERING INDEX ix_camera_events_started" in plan


async def test_the_jobs_to_do_are_read_in_an_index(record: SqlUnitOfWork, watched: Watched) -> None:
    async with record.begin() as tx:
        await tx.jobs.defer("sweep", {})
        await tx.jobs.claim(["sweep"], lease=timedelta(minutes=1))
    assert len(watched.plans()) > 1
    assert all("ix_jobs" in plan for plan in watched.plans())
