"""What every record promises of insights; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import NotFound
from promptuary.domain.insights import Insight
from promptuary.domain.watching import Accuracy, Feedback, Mute, Prediction, Pulse, Watched
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import an_id, moment

BURST = Insight(
    id=an_id("burst"),
    type="burst",
    camera_id="gate",
    label="odd \x00 \ud800 label",
    zone="",
    start=1000.25,
    end=2000.5,
    detected_at=1500.0,
    expected=2.5,
    observed=25.0,
    measured="events in 20 minutes",
    p_value=1e-12,
    severity="high",
    evidence_ids=("e1", "e2"),
    ongoing=True,
)
MUTE = Mute(an_id("mute"), "gate", "", "burst", moment(1), moment(9), "works", "ada")
OPINION = Feedback(
    an_id("said"), BURST.id, "burst", "gate", "false_alarm", "a fair", "ada", moment(2), 0.0, 1.0
)
FORESEEN = Prediction(
    an_id("next"), "gate", "person", moment(3), moment(4), moment(2), 4.5, 1, 9, 0.9
)


@pytest.mark.anyio
class NoticedContract(Contract):
    """`record` is an empty record database."""

    async def test_an_insight_is_kept_and_brought_up_to_date(self, record: UnitOfWork) -> None:
        ended = replace(BURST, end=3000.0, ongoing=False, evidence_ids=("e1", "e2", "e3"))
        async with record.begin() as tx:
            assert await tx.noticed.watched() is None
            await tx.noticed.watch(Watched(10.5, 20.25, 7))
            await tx.noticed.keep([BURST])
        async with record.begin() as tx:
            assert await tx.noticed.get(BURST.id) == BURST
            await tx.noticed.watch(Watched(10.5, 30.0, 9))
            await tx.noticed.keep([ended, replace(BURST, id=an_id("later"), start=2500.0)])
        async with record.read() as tx:
            assert await tx.noticed.watched() == Watched(10.5, 30.0, 9)
            assert await tx.noticed.get(BURST.id) == ended
            assert await tx.noticed.between(0, 999) == []
            assert await tx.noticed.between(2000, 2100) == [ended]
            with pytest.raises(NotFound):
                await tx.noticed.get(an_id("none"))

    async def test_mutes_are_listed_while_on_and_afterwards(self, record: UnitOfWork) -> None:
        later = replace(MUTE, id=an_id("other"), camera_id="", since=moment(5), until=moment(6))
        undone = replace(MUTE, ended_at=moment(4), ended_by="bo")
        async with record.begin() as tx:
            await tx.noticed.mute(MUTE)
            await tx.noticed.mute(later)
        async with record.begin() as tx:
            assert (await tx.noticed.mutes(at=moment(2))).items == (MUTE,)
            assert await tx.noticed.mutes_within(moment(7)) == [MUTE]
            await tx.noticed.mute(undone)
        async with record.read() as tx:
            assert await tx.noticed.muted(MUTE.id) == undone
            assert (await tx.noticed.mutes(at=moment(5))).items == (later,)
            assert (await tx.noticed.mutes(["gate"])).items == (undone,)
            assert await tx.noticed.mutes_within(moment(0)) == [later]
            first = await tx.noticed.mutes(limit=1)
            rest = await tx.noticed.mutes(limit=1, cursor=first.next_cursor)
            assert (*first.items, *rest.items) == (later, undone)
            with pytest.raises(NotFound):
                await tx.noticed.muted(an_id("none"))

    async def test_all_feedback_stays_in_order(self, record: UnitOfWork) -> None:
        again = replace(OPINION, id=an_id("again"), verdict="withdrawn", at=moment(3))
        hall = replace(OPINION, id=an_id("hall"), camera_id="hall", at=moment(1))
        async with record.begin() as tx:
            for each in (again, OPINION, hall):
                await tx.noticed.judge(each)
        async with record.read() as tx:
            assert await tx.noticed.verdicts() == [hall, OPINION, again]
            assert (await tx.noticed.feedback()).items == (again, OPINION, hall)
            assert (await tx.noticed.feedback(["hall"])).items == (hall,)

    async def test_a_prediction_stays_as_it_was_made_and_is_scored(
        self, record: UnitOfWork
    ) -> None:
        missed = replace(FORESEEN, id=an_id("missed"), camera_id="hall")
        async with record.begin() as tx:
            await tx.noticed.predict([FORESEEN, missed])
            await tx.noticed.predict([replace(FORESEEN, low=0, high=99)])
            assert await tx.noticed.due(moment(3), limit=9) == []
            due = await tx.noticed.due(moment(4), limit=9)
            assert {each.id: each for each in due} == {e.id: e for e in (FORESEEN, missed)}
            seen = [replace(FORESEEN, observed=9), replace(missed, observed=10)]
            await tx.noticed.score(seen)
        async with record.read() as tx:
            assert await tx.noticed.due(moment(9), limit=9) == []
            assert await tx.noticed.accuracy(moment(0)) == Accuracy(2, 1)
            assert await tx.noticed.accuracy(moment(0), ["hall"]) == Accuracy(1, 0)
            assert await tx.noticed.accuracy(moment(4)) == Accuracy()

    async def test_heartbeats_that_follow_each_other_are_one_pulse(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as tx:
            for at in (0.0, 60.0, 1000.0, 1050.5, 1020.0):
                await tx.noticed.beat(["gate"], at, 60.0)
            await tx.noticed.beat(["hall", "hall"], 70.0, 30.0)
        gate = Pulse("gate", 1000.0, 1050.5, 60.0)
        async with record.read() as tx:
            early = [Pulse("gate", 0.0, 60.0, 60.0), gate, Pulse("hall", 70.0, 70.0, 30.0)]
            assert await tx.noticed.pulses(0.0) == early
            assert await tx.noticed.pulses(100.0) == [gate]

    async def test_what_is_old_is_forgotten_and_opinions_are_not(self, record: UnitOfWork) -> None:
        old = replace(BURST, end=moment(1).timestamp())
        async with record.begin() as tx:
            await tx.noticed.keep([old, replace(old, id=an_id("new"), end=moment(6).timestamp())])
            await tx.noticed.predict([FORESEEN])
            await tx.noticed.judge(OPINION)
            await tx.noticed.forget(moment(5))
        async with record.read() as tx:
            found = await tx.noticed.between(0, moment(9).timestamp())
            assert [each.id for each in found] == [an_id("new")]
            assert await tx.noticed.due(moment(9), limit=9) == []
            assert await tx.noticed.verdicts() == [OPINION]
