"""What every record promises of judgements about answers; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import InvalidInput
from promptuary.domain.judgements import AnswerRating, CollectionCalibration, Satisfaction
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import an_id, moment

UP = AnswerRating(an_id("one"), "notes", "up", "odd \x00 \ud800 words", moment(1))


@pytest.mark.anyio
class JudgementsContract(Contract):
    """`record` is an empty record database."""

    async def test_a_calibration_is_kept_by_the_name_of_its_collection(
        self, record: UnitOfWork
    ) -> None:
        first = CollectionCalibration("notes", 1.25, -0.5)
        async with record.begin() as tx:
            assert await tx.judgements.calibration("notes") is None
            await tx.judgements.calibrate(first)
            await tx.judgements.calibrate(CollectionCalibration("other", 2.0, 0.0))
        async with record.read() as tx:
            assert await tx.judgements.calibration("notes") == first
        async with record.begin() as tx:
            await tx.judgements.calibrate(replace(first, slope=0.5))
            assert await tx.judgements.calibration("notes") == replace(first, slope=0.5)

    async def test_an_answer_has_one_rating_the_last(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            assert await tx.judgements.rated(UP.answer_id) is None
            assert await tx.judgements.satisfaction() == Satisfaction()
            await tx.judgements.rate(replace(UP, rating="down", comment=""))
            await tx.judgements.rate(UP)
        async with record.read() as tx:
            assert await tx.judgements.rated(UP.answer_id) == UP
            assert await tx.judgements.satisfaction() == Satisfaction(up=1)

    async def test_ratings_are_counted_by_collection(self, record: UnitOfWork) -> None:
        down = replace(UP, answer_id=an_id("two"), rating="down")
        elsewhere = replace(UP, answer_id=an_id("three"), collection="")
        async with record.begin() as tx:
            for each in (UP, down, elsewhere):
                await tx.judgements.rate(each)
        async with record.read() as tx:
            assert await tx.judgements.satisfaction("notes") == Satisfaction(1, 1)
            assert await tx.judgements.satisfaction() == Satisfaction(2, 1)
            assert await tx.judgements.satisfaction("nowhere") == Satisfaction()

    async def test_a_rating_of_no_answer_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            async with record.begin() as tx:
                await tx.judgements.rate(replace(UP, answer_id="no id"))
