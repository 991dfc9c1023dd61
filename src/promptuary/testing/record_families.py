"""What every record promises of families; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

import pytest

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.prompts import prompt_id
from promptuary.domain.templates import Family
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    an_id,
    family,
    found_lineages,
    lineage,
    save,
    walked,
)

Sort: TypeAlias = Literal["size", "created", "name"]


@pytest.mark.anyio
class FamiliesContract(Contract):
    """`record` is an empty record database."""

    async def test_a_family_comes_back_as_it_was(self, record: UnitOfWork) -> None:
        child = replace(family("child", size=3, created=4), parent_id=an_id("parent"))
        await keep(record, child, family("parent"))
        async with record.read() as tx:
            assert await tx.families.get(child.id) == child

    async def test_saving_a_family_again_overwrites_it(self, record: UnitOfWork) -> None:
        await keep(record, family("one", size=1))
        changed = replace(family("one", size=2), name="another \x00\ud800")
        await keep(record, changed)
        async with record.read() as tx:
            assert (await tx.families.list()).items == (changed,)

    async def test_a_removed_family_is_gone_and_its_lineages_have_none(
        self, record: UnitOfWork
    ) -> None:
        await found_lineages(record, lineage("a", family="one"))
        await keep(record, replace(family("child"), parent_id=an_id("one")))
        async with record.begin() as tx:
            await tx.families.remove([an_id("one"), an_id("nobody"), "no uuid"])
        async with record.read() as tx:
            with pytest.raises(NotFound):
                await tx.families.get(an_id("one"))
            assert (await tx.templates.lineage(an_id("a"))).family_id is None
            assert (await tx.families.get(an_id("child"))).parent_id is None

    async def test_a_prompt_belongs_to_the_family_that_adopted_it_last(
        self, record: UnitOfWork
    ) -> None:
        await save(record, "a", "b", "c", "d")
        await keep(record, family("one"), family("two"), family("gone"))
        a, b, c, d = (prompt_id(HOME_ID, text) for text in "abcd")
        async with record.begin() as tx:
            await tx.families.adopt({a: an_id("one"), b: an_id("one"), c: an_id("one")})
            await tx.families.adopt({d: an_id("gone")})
        async with record.begin() as tx:
            await tx.families.adopt({b: an_id("two"), c: None})
            await tx.families.remove([an_id("gone")])
        async with record.read() as tx:
            homes = [prompt.family_id for prompt in await tx.prompts.get([a, b, c, d])]
            assert await tx.families.homes([a, c]) == {a: an_id("one")}
            listed = await tx.prompts.list(family_id=an_id("two"), limit=5)
            nobody = await tx.prompts.list(family_id="no uuid")
        assert homes == [an_id("one"), an_id("two"), None, None]
        assert ([prompt.id for prompt in listed.items], listed.total) == ([b], 1)
        assert (nobody.items, nobody.total) == ((), 0)

    @pytest.mark.parametrize(("text", "home"), [("nobody", "one"), ("a", "nobody")])
    async def test_only_what_is_there_can_be_adopted_or_adopt(
        self, record: UnitOfWork, text: str, home: str
    ) -> None:
        await save(record, "a")
        await keep(record, family("one"))
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.families.adopt({prompt_id(HOME_ID, text): an_id(home)})

    async def test_an_unknown_family_is_not_found(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            for unknown in (an_id("nobody"), "no uuid"):
                with pytest.raises(NotFound):
                    await tx.families.get(unknown)

    async def test_some_families_come_in_the_order_asked(self, record: UnitOfWork) -> None:
        one, two = family("one", size=1), family("two", home="other")
        await keep(record, one, two)
        async with record.read() as tx:
            asked = [two.id, an_id("nobody"), "no uuid", one.id]
            assert list(await tx.families.some(asked)) == [two, one]
            assert list(await tx.families.some([])) == []

    async def test_families_are_sorted_as_asked(self, record: UnitOfWork) -> None:
        await keep(
            record,
            family("b", size=5, created=1),
            family("a", size=7, created=3),
            family("C", size=5, created=2),
            family("foreign", size=9, home="other"),
        )
        async with record.read() as tx:
            by_size = (await tx.families.list(HOME_ID)).items
            by_time = (await tx.families.list(HOME_ID, sort="created")).items
            by_name = (await tx.families.list(HOME_ID, sort="name")).items
            everywhere = await tx.families.list(limit=1)
        tied = sorted(["b", "C"], key=an_id)
        assert [each.name for each in by_size] == ["a", *tied]
        assert [each.name for each in by_time] == ["a", "C", "b"]
        assert [each.name for each in by_name] == ["C", "a", "b"]
        assert ([each.name for each in everywhere.items], everywhere.total) == (["foreign"], 4)

    @pytest.mark.parametrize("sort", ["size", "created", "name"])
    async def test_pages_of_families_join_without_gap_or_overlap(
        self, record: UnitOfWork, sort: Sort
    ) -> None:
        names = [f"{number} \ud800 {'é' * (number % 3)}" for number in range(23)]
        await keep(
            record,
            *(family(name, size=i % 4, created=i % 5) for i, name in enumerate(names)),
        )
        async with record.read() as tx:
            whole = (await tx.families.list(sort=sort, limit=50)).items
            pages = await walked(lambda cursor: tx.families.list(sort=sort, cursor=cursor, limit=4))
        assert pages == list(whole)
        assert len(pages) == 23

    async def test_a_name_of_more_than_255_characters_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            await keep(record, replace(family("one"), name="x" * 256))


async def keep(record: UnitOfWork, *families: Family) -> None:
    """Save families, whatever collections they are in."""
    async with record.begin() as tx:
        for home in (HOME, "other"):
            await tx.collections.ensure(home)
        await tx.families.save(families)
