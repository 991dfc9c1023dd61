"""What the next hours bring: an interval for every hour, kept, and counted afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conversation.watched import HOUR, at, regular, without
from promptuary.conversation.following import Following
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.insights.foreseeing import foreseen
from promptuary.conversation.insights.watching import Replay, Watch
from promptuary.conversation.noticing import Noticing
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Event
from promptuary.domain.insights import Sighting, Site
from promptuary.domain.watching import Accuracy
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

NOW = at(8, 14.4)


def watched(events: list[Sighting], until: float = NOW) -> Watch:
    replay = Replay(Watch(Site()))
    for each in events:
        if each.at < until:
            replay.take(each)
    replay.until(until)
    return replay.watch


def test_whole_hours_are_foreseen_each_with_what_is_usual_in_it() -> None:
    found = list(foreseen(watched(list(regular(9))), NOW, 24))
    assert [each.start for each in found] == [at(8, 15) + n * HOUR for n in range(24)]
    working, night = found[0], found[8]
    assert working.low <= 6 <= working.high
    assert working.expected == pytest.approx(6, rel=0.2)
    assert working.low >= 1
    assert (night.low, night.high) == (0, 0)


def test_nothing_is_foreseen_of_a_label_that_is_new() -> None:
    early = watched(list(regular(2)), at(1, 14))
    assert list(foreseen(early, at(1, 14), 6)) == []


@pytest.mark.slow
def test_nothing_is_foreseen_of_a_camera_that_is_silent() -> None:
    gone = without(regular(9, minutes=4), at(8, 10), at(9, 0))
    assert list(foreseen(watched(gone), NOW, 6)) == []


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_first_prediction_of_an_hour_is_kept_and_scored_when_it_is_over() -> None:
    record = MemoryUnitOfWork()
    noticing = Noticing(record, Following(record, "Europe/Berlin", Calendar()))
    async with record.begin() as tx:
        await tx.seen.add([event(each) for each in regular(9) if each.at < at(8, 17)])
    now = datetime.fromtimestamp(at(8, 15), UTC)
    first = await noticing.outlook(now)
    assert first.accuracy == Accuracy()
    assert first.predictions[0].start == now + timedelta(hours=1)
    assert first.predictions[0].start.tzname() == "CET"
    later = await noticing.outlook(now + timedelta(hours=3))
    assert later.accuracy == Accuracy(1, 1)
    assert (await noticing.outlook(now, cameras=["hall"])).predictions == ()
    with pytest.raises(InvalidInput):
        await noticing.outlook(now, hours=25)


def event(seen: Sighting) -> Event:
    start = datetime.fromtimestamp(seen.at, UTC)
    return Event(seen.event_id, seen.camera_id, seen.label, start, start + timedelta(seconds=9))
