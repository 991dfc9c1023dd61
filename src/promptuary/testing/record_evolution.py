"""What every record promises of events over all lineages; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict
from promptuary.domain.templates import Evidence
from promptuary.ports._evolution import EventsAsked
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import (
    HOME_ID,
    an_id,
    event,
    found_lineages,
    lineage,
    moment,
    walked,
)

TOLD = replace(
    event("told", "one", at=2),
    confidence=0.75,
    evidence=Evidence((an_id("p"),), (), (an_id("two"),), ("now\x00",), ("then",), {"n": 2.5}),
)


async def _two_lineages(record: UnitOfWork) -> None:
    await found_lineages(
        record, lineage("one", family="all"), lineage("two"), lineage("far", home="other")
    )


@pytest.mark.anyio
class EvolutionContract(Contract):
    """`record` is an empty record database."""

    async def test_events_come_back_with_their_evidence_the_latest_first(
        self, record: UnitOfWork
    ) -> None:
        await _two_lineages(record)
        early, late = event("early", "two", at=1), event("late", "far", at=3)
        async with record.begin() as tx:
            await tx.evolution.replace([an_id("one"), an_id("two")], [early, TOLD])
            await tx.evolution.replace([], [late])
        async with record.read() as tx:
            asked = EventsAsked()
            every = await walked(lambda c: tx.evolution.list(asked, cursor=c, limit=1))
            assert every == [late, TOLD, early]
            assert (await tx.evolution.list(asked, offset=2)).items == (early,)
            assert await tx.templates.events(an_id("one")) == [TOLD]

    async def test_events_are_found_by_whose_and_what_and_when_they_are(
        self, record: UnitOfWork
    ) -> None:
        await _two_lineages(record)
        split = replace(event("split", "two", at=5), type="SPLIT", detected_by="person:ana")
        far = event("far", "far", at=5)
        async with record.begin() as tx:
            await tx.evolution.replace([], [TOLD, split, far])
        wanted = {
            EventsAsked(collection_id=HOME_ID): {TOLD.id, split.id},
            EventsAsked(family_id=an_id("all")): {TOLD.id},
            EventsAsked(lineage_ids=(an_id("two"), an_id("far"))): {split.id, far.id},
            EventsAsked(types=("SPLIT", "MERGED")): {split.id},
            EventsAsked(since=moment(5)): {split.id, far.id},
            EventsAsked(until=moment(5)): {TOLD.id},
            EventsAsked(detected_by="person:ana"): {split.id},
            EventsAsked(family_id=an_id("nobody")): set(),
        }
        async with record.read() as tx:
            for asked, ids in wanted.items():
                assert {each.id for each in (await tx.evolution.list(asked)).items} == ids, asked

    async def test_what_rules_found_is_replaced_and_what_people_said_stays(
        self, record: UnitOfWork
    ) -> None:
        await _two_lineages(record)
        said = replace(event("said", "one", at=4), detected_by="person:ana")
        old = event("old", "one", at=1)
        async with record.begin() as tx:
            await tx.evolution.replace([an_id("one")], [old, TOLD, said])
        async with record.begin() as tx:
            again = replace(TOLD, id=an_id("again"))
            await tx.evolution.replace([an_id("one")], [again], since=moment(2))
        async with record.read() as tx:
            assert await tx.templates.events(an_id("one")) == [old, again, said]

    async def test_events_of_lineages_taken_over_are_forgotten(self, record: UnitOfWork) -> None:
        await _two_lineages(record)
        async with record.begin() as tx:
            await tx.evolution.replace([], [TOLD, event("two", "two")])
        await found_lineages(record, lineage("two", merged_into="one"))
        async with record.begin() as tx:
            await tx.evolution.forget_merged(HOME_ID)
        async with record.read() as tx:
            assert list((await tx.evolution.list(EventsAsked())).items) == [TOLD]

    async def test_of_two_who_look_through_a_collection_one_is_first(
        self, record: UnitOfWork
    ) -> None:
        await _two_lineages(record)
        async with record.begin() as tx:
            assert await tx.evolution.reached(HOME_ID) == 0
            await tx.evolution.mark(HOME_ID, 7, expected=0)
            with pytest.raises(Conflict):
                await tx.evolution.mark(HOME_ID, 9, expected=0)
        async with record.read() as tx:
            assert await tx.evolution.reached(HOME_ID) == 7
