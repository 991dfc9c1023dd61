"""What every record promises of decisions about refused prompts; part of its contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.prompts import prompt_id
from promptuary.domain.reviews import Review
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, HOME_ID, an_id, moment, new_prompt, save, walked

KEY, CARD = "my key", "my card"
RELEASED = Review(
    an_id("one"), HOME, prompt_id(HOME_ID, KEY), "release", "ana", moment(3), "a test key", "a key"
)
KEPT = Review(an_id("two"), HOME, prompt_id(HOME_ID, CARD), "reject", "ben", moment(4))


@pytest.mark.anyio
class ReviewsContract(Contract):
    """`record` is an empty record database."""

    async def refused(self, record: UnitOfWork) -> None:
        texts = [new_prompt(text, allowed=False) for text in (KEY, CARD)]
        await save(record, "harmless", *texts)

    async def test_a_released_prompt_is_one_like_any_other(self, record: UnitOfWork) -> None:
        await self.refused(record)
        async with record.begin() as tx:
            await tx.reviews.decide(RELEASED)
        async with record.read() as tx:
            (prompt,) = await tx.prompts.get([RELEASED.prompt_id])
            assert (prompt.status, prompt.verdict.reason) == ("safe", "holds a secret")
            assert (await tx.prompts.list(HOME_ID, status="safe")).total == 2
            assert (await tx.prompts.list(HOME_ID, status="rejected")).total == 1
            assert [each.text for each in await tx.prompts.alone(HOME_ID, until=9, limit=9)] == [
                "harmless",
                KEY,
            ]
            assert await tx.reviews.released([KEPT.prompt_id, RELEASED.prompt_id]) == {
                RELEASED.prompt_id
            }

    async def test_what_nobody_decided_about_is_open(self, record: UnitOfWork) -> None:
        await self.refused(record)
        async with record.read() as tx:
            every = await walked(lambda cursor: tx.reviews.open(cursor=cursor, limit=1))
            assert [each.text for each in every] == [CARD, KEY]
        async with record.begin() as tx:
            await tx.reviews.decide(KEPT)
        async with record.read() as tx:
            page = await tx.reviews.open(HOME_ID)
            assert ([each.text for each in page.items], page.total) == ([KEY], 1)
            (prompt,) = await tx.prompts.get([KEPT.prompt_id])
        assert prompt.status == "rejected"

    async def test_decisions_are_listed_the_last_first(self, record: UnitOfWork) -> None:
        await self.refused(record)
        async with record.begin() as tx:
            await tx.reviews.decide(RELEASED)
            await tx.reviews.decide(KEPT)
        async with record.read() as tx:
            assert list((await tx.reviews.list(HOME)).items) == [KEPT, RELEASED]
            assert (await tx.reviews.list("nowhere")).total == 0

    async def test_only_what_is_kept_aside_is_decided_about(self, record: UnitOfWork) -> None:
        await self.refused(record)
        async with record.begin() as tx:
            await tx.reviews.decide(RELEASED)
            with pytest.raises(Conflict):
                await tx.reviews.decide(replace(RELEASED, id=an_id("three")))
            with pytest.raises(NotFound):
                await tx.reviews.decide(replace(KEPT, prompt_id=an_id("none")))
            with pytest.raises(NotFound):
                await tx.reviews.decide(replace(KEPT, collection="other"))
            with pytest.raises(Conflict):
                await tx.reviews.decide(replace(KEPT, id=RELEASED.id))
