"""The watch over a record: nothing is told twice and nothing is missed, whatever happens to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from conversation.watched import HOUR, at, in_order, many, regular, without
from promptuary.conversation import following
from promptuary.conversation.following import Following
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.insights.watching import Replay
from promptuary.conversation.noticing import Noticing
from promptuary.domain.events import Event
from promptuary.domain.insights import Insight, Sighting
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
BURST = many("person", 25, at(8, 11), 30)
STREAM = in_order(regular(9, minutes=30), BURST)
END = at(9, 0)


def event(seen: Sighting) -> Event:
    start = datetime.fromtimestamp(seen.at, UTC)
    end = start + timedelta(seconds=seen.seconds or 0)
    return Event(seen.event_id, seen.camera_id, seen.label, start, end)


async def add(record: MemoryUnitOfWork, seen: Iterable[Sighting]) -> None:
    async with record.begin() as tx:
        await tx.seen.add([event(each) for each in seen])


async def kept(record: MemoryUnitOfWork) -> list[Insight]:
    async with record.read() as tx:
        return list(await tx.noticed.between(0, at(999, 0)))


async def look(record: MemoryUnitOfWork, *times: float, watch: Following | None = None) -> None:
    """A watch of its own, unless given, looks at these times."""
    watch = watch or Following(record, "UTC", Calendar())
    for each in times:
        await watch.to(datetime.fromtimestamp(each, UTC))


@pytest.mark.slow
async def test_a_watch_that_begins_anew_in_a_burst_tells_it_once_and_goes_on() -> None:
    whole, broken = MemoryUnitOfWork(), MemoryUnitOfWork()
    await add(whole, STREAM)
    await look(whole, END)
    middle = BURST[12].at
    await add(broken, [each for each in STREAM if each.at < middle])
    await look(broken, middle)
    before = await kept(broken)
    await add(broken, STREAM)
    await look(broken, END)
    assert [each.ongoing for each in before] == [True]
    assert [each.type for each in await kept(whole)] == ["burst"]
    assert await kept(broken) == await kept(whole)


@pytest.mark.slow
async def test_looking_often_is_like_looking_once() -> None:
    once, often = MemoryUnitOfWork(), MemoryUnitOfWork()
    for record in (once, often):
        await add(record, STREAM)
    await look(once, END)
    await look(often, *(at(0, 0) + 7 * HOUR * n for n in range(2, 30)), END)
    assert await kept(once) == await kept(often)


@pytest.mark.slow
async def test_what_was_told_stays_told_when_the_site_is_described_otherwise() -> None:
    record = MemoryUnitOfWork()
    await add(record, STREAM)
    await look(record, END)
    before = await kept(record)
    other = Following(record, "Asia/Tokyo", Calendar())
    await look(record, END + HOUR, watch=other)
    assert await kept(record) == before


@pytest.mark.slow
async def test_a_backfill_is_told_of_though_the_watch_has_passed_by() -> None:
    record = MemoryUnitOfWork()
    early = [each for each in STREAM if each not in BURST]
    watch = Following(record, "UTC", Calendar())
    await add(record, early)
    await look(record, END, watch=watch)
    assert await kept(record) == []
    await add(record, BURST)
    await look(record, END + 2 * HOUR, watch=watch)
    assert [each.type for each in await kept(record)] == ["burst"]


async def test_a_backfill_while_no_watch_was_on_is_told_of_too() -> None:
    record = MemoryUnitOfWork()
    await look(record, at(10, 0))
    await add(record, STREAM)
    await look(record, at(10, 1))
    assert [each.type for each in await kept(record)] == ["burst"]


async def test_a_clock_that_goes_back_a_little_is_waited_for() -> None:
    record = MemoryUnitOfWork()
    await add(record, STREAM)
    watch = Following(record, "UTC", Calendar())
    await look(record, END, END - 2 * HOUR, END + HOUR, watch=watch)
    assert [each.type for each in await kept(record)] == ["burst"]


@pytest.mark.slow
async def test_a_clock_that_was_years_ahead_does_not_stop_the_watch() -> None:
    record = MemoryUnitOfWork()
    await add(record, [each for each in STREAM if each.at < BURST[0].at])
    watch = Following(record, "UTC", Calendar())
    await look(record, at(3_000, 0), watch=watch)
    await add(record, STREAM)
    await look(record, END, watch=watch)
    assert [each.type for each in await kept(record)] == ["burst"]


async def test_an_event_that_comes_late_teaches_and_is_counted_once() -> None:
    record = MemoryUnitOfWork()
    watch = Following(record, "UTC", Calendar())
    late = replace(STREAM[60], event_id="late", at=at(3, 11.6))
    await add(record, [each for each in STREAM if each.at < at(3, 12)])
    await look(record, at(3, 12), watch=watch)
    await add(record, [late])
    await look(record, at(3, 12.2), at(3, 12.3), watch=watch)
    async with record.read() as tx:
        watched = await tx.noticed.watched()
    there = [each for each in STREAM if each.at < at(3, 12)]
    assert watched is not None
    assert watched.events == len(there) + 1


@pytest.mark.slow
@pytest.mark.parametrize("times", [2, 6])
async def test_the_first_look_is_at_so_many_events_and_learns_from_the_numbers_before(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = without((each for each in STREAM if each not in BURST), at(4, 10), at(4, 16))
    past = [replace(e, event_id=f"{n}-{e.event_id}") for n in range(times) for e in quiet]
    burst = many("person", 75, at(8, 11), 30)
    record, whole = MemoryUnitOfWork(), MemoryUnitOfWork()
    for each in (record, whole):
        await add(each, [*past, *burst])
    await look(whole, END, END + 2 * HOUR)
    looked: list[str] = []
    take = Replay.take

    def seen(replay: Replay, sighting: Sighting) -> list[Insight]:
        looked.append(sighting.event_id)
        return take(replay, sighting)

    monkeypatch.setattr(Replay, "take", seen)
    monkeypatch.setattr(following, "ONE_BY_ONE", 200)
    watch = Following(record, "UTC", Calendar())
    await look(record, END, END + 2 * HOUR, watch=watch)
    found, known = [{e.type: e for e in await kept(each)} for each in (record, whole)]
    assert set(found) == set(known) >= {"burst", "silence"}
    assert found["burst"] == known["burst"]
    assert abs(found["silence"].start - known["silence"].start) <= 900
    assert len(looked) == len(set(looked)) <= 200
    async with record.read() as tx:
        watched = await tx.noticed.watched()
    assert watched is not None
    assert watched.events == len(past) + len(burst)
    assert watch.counted_until is not None
    assert at(4, 16) < watch.counted_until.timestamp() <= BURST[0].at
    again = Following(record, "UTC", Calendar())
    await look(record, END + 3 * HOUR, watch=again)
    assert again.counted_until is None
    assert {each.type: each for each in await kept(record)} == found


async def test_what_lasted_into_the_time_asked_for_is_told_however_early_it_began() -> None:
    record = MemoryUnitOfWork()
    silence = Insight(
        *(str(UUID(int=1)), "silence", "gate", "", "", at(2, 8), at(8, 23), at(2, 11)),
        *(40.0, 0.0, "events", 1e-9, "high", (), False),
    )
    async with record.begin() as tx:
        await tx.noticed.keep([silence, replace(silence, id=str(UUID(int=2)), end=at(5, 0))])
    noticing, now = (
        Noticing(record, Following(record, "UTC", Calendar())),
        datetime(2026, 3, 11, 12, tzinfo=UTC),
    )
    assert [each.id for each in await noticing.notices(now - timedelta(days=1), now)] == [
        silence.id
    ]
