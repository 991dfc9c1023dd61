"""The counts that stand beside events on SQLite say what counting the events would."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.units_of_work._migrating import downgrade
from promptuary.adapters.units_of_work._sql.event_counts import COUNTS, LONG, MOST, SHORT
from promptuary.adapters.units_of_work.sqlite import connect
from promptuary.domain.events import Event, EventFilter, Window
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTES = st.one_of(
    st.integers(-3 * 1_440, 3 * 1_440),
    st.integers(-40, 40).map(lambda each: 15 * each),
    st.integers(-3, 3).map(lambda each: 720 + 1_440 * each),
)
TIMES = st.builds(
    lambda at, apart: NOON + timedelta(minutes=at, microseconds=apart),
    MINUTES,
    st.sampled_from([-1, 0, 0, 0, 1]),
)
EVENTS = st.builds(
    Event,
    st.integers(0, 9).map(lambda number: f"e{number}"),
    st.sampled_from(["gate", "yard \x00"]),
    st.sampled_from(["person", "dog"]),
    TIMES,
    sub_label=st.sampled_from([None, "ada", "|bo \ud800"]),
    zones=st.sampled_from([(), ("porch",), ("porch", "lawn")]),
)
CHANGES = st.lists(
    st.one_of(
        st.lists(EVENTS, max_size=6),
        st.lists(st.integers(0, 9).map(lambda number: f"e{number}"), max_size=3),
    ),
    max_size=5,
)
FILTERS = st.builds(
    EventFilter,
    cameras=st.sampled_from([None, (), ("gate",), ("gate", "yard \x00", "none")]),
    labels=st.sampled_from([(), ("dog",), ("dog", "person")]),
    people=st.sampled_from([(), ("ada",), ("|bo \ud800",)]),
    zones=st.sampled_from([(), ("lawn",), ("porch", "por")]),
    windows=st.lists(st.builds(Window, st.none() | TIMES, st.none() | TIMES), max_size=3).map(
        tuple
    ),
)
TOLD = f"SELECT * FROM {COUNTS}"
COUNTED = """
SELECT {span}, camera_id, started - ((started % {span} + {span}) % {span}), label,
       coalesce('|' || sub_label, ''), zones, count(*)
FROM camera_events WHERE NOT gone GROUP BY 1, 2, 3, 4, 5, 6"""


async def answers(record: UnitOfWork, where: EventFilter) -> list[Any]:
    async with record.read() as tx:
        by = [
            dict(await tx.seen.count_by(where, by)) for by in ("camera", "label", "person", "zone")
        ]
        return [await tx.seen.count(where), dict(await tx.seen.quarters(where)), *by]


async def changed(record: UnitOfWork, what: list[Any]) -> None:
    async with record.begin() as tx:
        events = [each for each in what if isinstance(each, Event)]
        await tx.seen.add(events)
        await tx.seen.remove([each for each in what if isinstance(each, str)])


def told_and_counted(file: Path) -> tuple[list[Any], list[Any]]:
    """What the counts say, and what the events do."""
    with closing(sqlite3.connect(file)) as opened:
        told = sorted(opened.execute(TOLD))
        spans = (opened.execute(COUNTED.format(span=span)) for span in (SHORT, LONG))
        return told, sorted(row for rows in spans for row in rows)


@pytest.mark.slow
@given(CHANGES, FILTERS)
def test_counts_stay_those_of_the_events_whatever_happens_to_them(
    changes: list[Any], where: EventFilter
) -> None:
    async def both() -> None:
        with TemporaryDirectory() as folder:
            file, reference = Path(folder) / "r.db", MemoryUnitOfWork()
            record = await connect(f"sqlite:///{file}")
            try:
                for what in changes:
                    await changed(record, what)
                    await changed(reference, what)
                assert await answers(record, where) == await answers(reference, where)
            finally:
                await record.aclose()
            told, counted = told_and_counted(file)
            assert told == counted

    anyio.run(both)


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A record of a few events, of which one is deleted and one was moved."""
    file = tmp_path / "r.db"
    record = await connect(f"sqlite:///{file}")
    there = [Event(f"e{n}", "gate", "dog", NOON + timedelta(minutes=7 * n)) for n in range(9)]
    await changed(record, there)
    await changed(record, ["e3", replace(there[4], camera="yard", start=NOON - timedelta(days=1))])
    await record.aclose()
    return file


@pytest.mark.anyio
async def test_nothing_is_left_of_where_a_deleted_event_was(file: Path) -> None:
    record = await connect(f"sqlite:///{file}")
    await changed(record, ["e4"])
    await record.aclose()
    with closing(sqlite3.connect(file)) as opened:
        assert {camera for _, camera, *_ in opened.execute(TOLD)} == {"gate"}


@pytest.mark.anyio
async def test_a_statement_from_elsewhere_is_counted_too(file: Path) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("UPDATE camera_events SET label = 'cat' WHERE id < 'e2'")
        opened.execute("UPDATE camera_events SET gone = 0, label = 'fox' WHERE id = 'e3'")
        opened.execute("DELETE FROM camera_events WHERE id = 'e8'")
    told, counted = told_and_counted(file)
    assert told == counted
    assert sum(row[-1] for row in told if row[0] == LONG) == 8


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_is_there_before_the_counts_is_counted_when_they_are_made(file: Path) -> None:
    await downgrade(f"sqlite:///{file}", "020_intents")
    record = await connect(f"sqlite:///{file}")
    try:
        async with record.read() as tx:
            assert await tx.seen.count_by(EventFilter(), "camera") == {"gate": 7, "yard": 1}
    finally:
        await record.aclose()
    told, counted = told_and_counted(file)
    assert told == counted


@pytest.mark.anyio
@pytest.mark.parametrize("stretches", [2, MOST + 1])
async def test_many_stretches_of_time_are_counted_each_event_once(
    file: Path, stretches: int
) -> None:
    some = timedelta(minutes=5)
    windows = tuple(
        Window(NOON + 2 * n * some, NOON + (2 * n + 1) * some) for n in range(stretches)
    )
    where = EventFilter(windows=(*windows, windows[0]))
    record = await connect(f"sqlite:///{file}")
    try:
        async with record.read() as tx:
            every = await tx.seen.find(EventFilter())
            wanted = sum(any(window.holds(each.start) for window in windows) for each in every)
            assert 0 < await tx.seen.count(where) == wanted < 8
    finally:
        await record.aclose()
