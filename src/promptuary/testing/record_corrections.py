"""What every record promises of corrections; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, an_id, moment, walked

MERGED = Correction(
    an_id("first"), HOME, "merge", (an_id("a"), an_id("b")), "ana", moment(1), (an_id("c"),)
)
NAMED = Correction(an_id("second"), HOME, "rename", (an_id("a"),), "ben", moment(), name="Odd \x00")
ELSEWHERE = replace(MERGED, id=an_id("third"), collection="other", kind="split")


@pytest.mark.anyio
class CorrectionsContract(Contract):
    """`record` is an empty record database."""

    async def test_corrections_stand_in_the_order_they_were_made(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for each in (MERGED, NAMED, ELSEWHERE):
                await tx.corrections.add(each)
        async with record.read() as tx:
            assert await tx.corrections.standing(HOME) == [MERGED, NAMED]
            assert await tx.corrections.standing("nowhere") == []
            assert await tx.corrections.get(NAMED.id) == NAMED

    async def test_what_was_undone_stands_no_more_and_stays_known(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.corrections.add(MERGED)
            await tx.corrections.add(NAMED)
            await tx.corrections.undo(MERGED.id, "eve", moment(2))
            with pytest.raises(Conflict):
                await tx.corrections.undo(MERGED.id, "mia", moment(3))
            with pytest.raises(NotFound):
                await tx.corrections.undo(an_id("none"), "mia", moment(3))
        async with record.read() as tx:
            assert await tx.corrections.standing(HOME) == [NAMED]
            known = await tx.corrections.get(MERGED.id)
        assert (known.undone_by, known.undone_at) == ("eve", moment(2))

    async def test_corrections_are_listed_the_last_first(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for each in (MERGED, NAMED, ELSEWHERE):
                await tx.corrections.add(each)
        async with record.read() as tx:
            every = await walked(lambda cursor: tx.corrections.list(cursor=cursor, limit=1))
            here = await tx.corrections.list(HOME)
        assert every == [ELSEWHERE, NAMED, MERGED]
        assert (list(here.items), here.total) == ([NAMED, MERGED], 2)

    async def test_a_correction_is_added_once_and_under_an_id(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.corrections.add(MERGED)
            with pytest.raises(Conflict):
                await tx.corrections.add(replace(NAMED, id=MERGED.id))
        with pytest.raises(InvalidInput):
            async with record.begin() as tx:
                await tx.corrections.add(replace(NAMED, id="none"))
