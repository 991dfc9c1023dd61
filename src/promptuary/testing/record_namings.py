"""What every record promises of what models called things; part of its contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict
from promptuary.domain.namings import Naming, SlotWording, Wording
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, an_id, moment, walked

WORDING = Wording("Translate \x00", "Into a tongue", (SlotWording("tongue", "into", "Which one"),))
TAKEN = Naming(an_id("n1"), HOME, an_id("a"), "d1", "fake/one", moment(1), WORDING)
REFUSED = Naming(
    an_id("n2"), HOME, an_id("a"), "d2", "fake/one", moment(2), None, "two_alike", "twice `x`"
)
OTHER = replace(TAKEN, id=an_id("n3"), own_id=an_id("b"), collection="other")


@pytest.mark.anyio
class NamingsContract(Contract):
    """`record` is an empty record database."""

    async def test_the_last_words_that_were_taken_stand(self, record: UnitOfWork) -> None:
        later = replace(TAKEN, id=an_id("n4"), asked="d3", model="fake/two")
        async with record.begin() as tx:
            await tx.namings.add([TAKEN, OTHER])
            await tx.namings.add([later, REFUSED])
        async with record.read() as tx:
            assert await tx.namings.of([an_id("a"), an_id("c")]) == {an_id("a"): later}
            assert await tx.namings.asked(["d2", "d3", "d4"]) == {"d2": REFUSED, "d3": later}
            assert await tx.namings.of([]) == {}

    async def test_namings_are_listed_the_last_first(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.namings.add([TAKEN, OTHER, REFUSED])
        async with record.read() as tx:
            every = await walked(lambda cursor: tx.namings.list(cursor=cursor, limit=1))
            assert every == [REFUSED, OTHER, TAKEN]
            assert (await tx.namings.list("other")).total == 1
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.namings.add([TAKEN])
