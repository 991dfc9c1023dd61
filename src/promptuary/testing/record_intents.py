"""What every record promises of prompts that people keep together; part of the UnitOfWork
contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict
from promptuary.domain.prompts import prompt_id
from promptuary.domain.templates import Intent
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import HOME, HOME_ID, an_id, family, moment, save, walked

ONE = Intent(an_id("one"), HOME, an_id("one"), "odd \x00\ud800", 2, moment(1), moment(2))
TWO = replace(ONE, id=an_id("two"), created_at=moment(0))


@pytest.mark.anyio
class IntentsContract(Contract):
    """`record` is an empty record database."""

    async def test_intents_come_back_as_they_were_without_those_merged_away(
        self, record: UnitOfWork
    ) -> None:
        gone = replace(ONE, id=an_id("gone"), family_id=None, size=0, merged_into=ONE.id)
        await keep(record, ONE, replace(TWO, size=9), gone)
        await keep(record, TWO)
        async with record.begin() as tx:
            await tx.families.remove([an_id("one")])
        homeless = [replace(TWO, family_id=None), replace(ONE, family_id=None)]
        async with record.read() as tx:
            assert list(await tx.intents.of(HOME_ID)) == homeless
            assert list(await tx.intents.of(an_id("nowhere"))) == []
            assert list(await tx.intents.some([gone.id, "no uuid", ONE.id])) == [gone, homeless[1]]

    async def test_a_prompt_is_of_the_intent_that_held_it_last(self, record: UnitOfWork) -> None:
        await save(record, *"abcd")
        await keep(record, ONE, TWO)
        a, b, c, d = (prompt_id(HOME_ID, text) for text in "abcd")
        async with record.begin() as tx:
            await tx.intents.hold({a: ONE.id, b: ONE.id, c: ONE.id, d: TWO.id})
        async with record.begin() as tx:
            await tx.intents.hold({b: TWO.id, c: None})
        async with record.read() as tx:
            assert await tx.intents.homes([a, b, c, d]) == {a: ONE.id, b: TWO.id, d: TWO.id}
            paged = await walked(lambda at: tx.prompts.list(intent_id=TWO.id, cursor=at, limit=1))
            nobody = await tx.prompts.list(intent_id="no uuid")
        assert ([prompt.id for prompt in paged], nobody.total) == ([d, b], 0)
        async with record.begin() as tx:
            await tx.intents.forget([TWO.id, an_id("nobody")])
        async with record.read() as tx:
            assert await tx.intents.homes([a, b, d]) == {a: ONE.id}
            assert list(await tx.intents.of(HOME_ID)) == [ONE]

    @pytest.mark.parametrize(("text", "home"), [("nobody", "one"), ("a", "nobody")])
    async def test_what_is_not_there_neither_holds_nor_is_held(
        self, record: UnitOfWork, text: str, home: str
    ) -> None:
        await save(record, "a")
        await keep(record, ONE)
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.intents.hold({prompt_id(HOME_ID, text): an_id(home)})


async def keep(record: UnitOfWork, *intents: Intent) -> None:
    """Save them with the family that they name."""
    async with record.begin() as tx:
        await tx.collections.ensure(HOME)
        await tx.families.save([family("one")])
        await tx.intents.save(intents)
