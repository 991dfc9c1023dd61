"""SQLite answers out of the index that was made for the question, however many rows there are."""

import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
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
    "where",
    [
        EventFilter(),
        EventFilter(CAMERAS[:1]),
        EventFilter(CAMERAS, labels=("car",)),
        EventFilter(CAMERAS, people=("person-1",), windows=WINDOW),
    ],
)
async def test_events_are_counted_by_the_counts_beside_them(
    record: SqlUnitOfWork, watched: Watched, where: EventFilter
) -> None:
    async with record.read() as tx:
        await tx.seen.count(where)
    (plan,) = watched.plans()
    assert "SEARCH camera_event_counts USING PRIMARY KEY (span=?" in plan
    assert "camera_events " not in plan


async def test_of_a_quarter_of_an_hour_asked_in_part_the_events_are_read_by_time(
    record: SqlUnitOfWork, watched: Watched
) -> None:
    windows = (Window(MORNING + timedelta(minutes=7), MORNING + timedelta(hours=3)),)
    async with record.read() as tx:
        await tx.seen.count_by(EventFilter(CAMERAS, labels=("car",), windows=windows), "camera")
    (plan,) = watched.plans()
    assert "SEARCH camera_event_counts USING PRIMARY KEY (span=? AND camera_id=?" in plan
    assert re.search(r"SEARCH camera_events USING .*INDEX \w+ \([^)]*started>\?", plan)


async def test_a_word_that_few_descriptions_hold_is_looked_up(
    record: SqlUnitOfWork, watched: Watched
) -> None:
    said = [replace(seen(number), description="a ladder") for number in range(3)]
    async with record.begin() as tx:
        await tx.seen.add(said)
    watched.forget()
    where = EventFilter(CAMERAS, labels=("car",), words=(("ladder", "ladders"),))
    async with record.read() as tx:
        assert await tx.seen.count(where) == len(await tx.seen.find(where)) == 2
    events = [plan for plan in watched.plans() if "camera_events" in plan]
    assert len(events) == 2
    assert all("SEARCH camera_events USING INDEX sqlite_autoindex" in plan for plan in events)


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
