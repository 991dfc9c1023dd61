"""What every record promises of lineages, versions, placements and events; part of the UnitOfWork
contract."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.prompts import prompt_id
from promptuary.domain.templates import Lineage, Placement, Slot, SlotTally, SlotValue
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.record_prompts import TEXTS, against_one_record
from promptuary.testing.samples import (
    HOME_ID,
    an_id,
    event,
    found_lineages,
    lineage,
    placement,
    save,
    template,
    walked,
)

SHARES = st.floats(0, 1)
SLOTS = st.builds(
    Slot,
    name=TEXTS,
    type=st.sampled_from(["text", "number", "code"]),
    examples=st.lists(st.builds(SlotValue, TEXTS, st.integers(1, 10**9)), max_size=3).map(tuple),
    required=st.booleans(),
    confidence=SHARES,
)


@pytest.mark.anyio
class TemplatesContract(Contract):
    """`record` is an empty record database."""

    async def test_a_lineage_comes_back_as_it_was(self, record: UnitOfWork) -> None:
        known = lineage("one", size=3, family="all", created=2)
        await found_lineages(record, known)
        async with record.read() as tx:
            assert await tx.templates.lineage(known.id) == known
            assert await tx.templates.get(known.template.id) == known.template

    async def test_saving_a_lineage_again_overwrites_it_and_keeps_its_versions(
        self, record: UnitOfWork
    ) -> None:
        await found_lineages(record, lineage("one", family="all"))
        changed = replace(lineage("one", size=9, version="1.0.1"), name="another")
        await found_lineages(record, changed)
        async with record.read() as tx:
            assert await tx.templates.lineage(changed.id) == changed
            versions = [each.version for each in await tx.templates.history(changed.id)]
        assert versions == ["1.0.0", "1.0.1"]

    async def test_living_lineages_come_oldest_first(self, record: UnitOfWork) -> None:
        await found_lineages(
            record,
            lineage("young", created=9),
            lineage("old", created=1),
            lineage("gone", merged_into="old"),
            lineage("foreign", home="other"),
        )
        async with record.read() as tx:
            living = await tx.templates.lineages(HOME_ID)
            gone = await tx.templates.lineage(an_id("gone"))
        assert [each.name for each in living] == ["old", "young"]
        assert gone.merged_into == an_id("old")

    async def test_some_lineages_come_in_the_order_asked_merged_ones_too(
        self, record: UnitOfWork
    ) -> None:
        lines = lineage("one", family="all"), lineage("two"), lineage("gone", merged_into="two")
        await found_lineages(record, *lines)
        asked = [an_id("gone"), "no uuid", an_id("one"), an_id("nobody"), an_id("gone")]
        async with record.read() as tx:
            assert list(await tx.templates.some(asked)) == [lines[2], lines[0], lines[2]]
            assert list(await tx.templates.some([])) == []

    async def test_a_family_leads_with_the_texts_of_its_largest_lineages(
        self, record: UnitOfWork
    ) -> None:
        await found_lineages(
            record,
            *(worded(lineage(f"{size}", size=size, family="all")) for size in (1, 5, 3, 4)),
            worded(lineage("gone", size=9, family="all", merged_into="5")),
            worded(lineage("other", size=7, family="few")),
        )
        asked = [an_id("all"), an_id("few"), an_id("nobody"), "no uuid"]
        async with record.read() as tx:
            leading = await tx.templates.leading_texts(asked, limit=3)
        assert {family: list(texts) for family, texts in leading.items()} == {
            an_id("all"): ["Say 5.", "Say 4.", "Say 3."],
            an_id("few"): ["Say other."],
        }

    async def test_what_is_unknown_is_not_found(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            for unknown in (an_id("nobody"), "no uuid", ""):
                for call in (tx.templates.lineage, tx.templates.get, tx.templates.history):
                    with pytest.raises(NotFound):
                        await call(unknown)
            assert await tx.templates.events(an_id("nobody")) == []
            assert await tx.templates.placements([an_id("nobody"), "no uuid"]) == []

    async def test_a_version_never_changes(self, record: UnitOfWork) -> None:
        await found_lineages(record, lineage("one"))
        first = template("one")
        async with record.begin() as tx:
            await tx.templates.publish([replace(first, text="changed"), template("one", "1.1.0")])
        async with record.read() as tx:
            assert await tx.templates.get(first.id) == first

    async def test_history_is_in_order_of_versions(self, record: UnitOfWork) -> None:
        await found_lineages(record, lineage("one", version="1.9.0"))
        async with record.begin() as tx:
            await tx.templates.publish(
                [template("one", version) for version in ("1.10.0", "2.0.0", "1.9.10", "1.9.9")]
            )
        async with record.read() as tx:
            history = await tx.templates.history(an_id("one"))
        assert [each.version for each in history] == ["1.9.0", "1.9.9", "1.9.10", "1.10.0", "2.0.0"]

    async def test_a_version_that_is_not_numbers_is_refused(self, record: UnitOfWork) -> None:
        await found_lineages(record, lineage("one"))
        with pytest.raises(InvalidInput):
            async with record.begin() as tx:
                await tx.templates.publish([template("one", "newest")])

    async def test_templates_are_listed_by_size(self, record: UnitOfWork) -> None:
        await found_lineages(
            record,
            *(lineage(f"{size}", size=size, created=size % 3) for size in (1, 5, 3, 4)),
            lineage("gone", size=9, merged_into="5"),
            lineage("foreign", size=8, home="other"),
        )
        async with record.read() as tx:
            page = await tx.templates.list(HOME_ID, limit=2)
            rest = await tx.templates.list(HOME_ID, limit=2, cursor=page.next_cursor)
            jumped = await tx.templates.list(HOME_ID, limit=2, offset=2)
            newest = await tx.templates.list(HOME_ID, sort="created", limit=2)
            everywhere = await tx.templates.list()
        assert [each.size for each in (*page.items, *rest.items)] == [5, 4, 3, 1]
        assert jumped == rest
        assert [each.size for each in newest.items] == [5, *sorted([1, 4], key=_by_id)[:1]]
        assert (page.total, rest.next_cursor, everywhere.total) == (4, None, 5)

    async def test_lineages_of_one_size_are_listed_by_id(self, record: UnitOfWork) -> None:
        await found_lineages(record, *(lineage(f"{i}", size=i % 2) for i in range(9)))
        async with record.read() as tx:
            got = await walked(lambda cursor: tx.templates.list(cursor=cursor, limit=2))
        assert [each.id for each in got] == [
            each.id for each in sorted(got, key=lambda each: (-each.size, each.id))
        ]
        assert len(got) == 9

    async def test_templates_of_a_family(self, record: UnitOfWork) -> None:
        await found_lineages(
            record, lineage("a", family="x"), lineage("b", family="y"), lineage("c")
        )
        async with record.read() as tx:
            page = await tx.templates.list(family_id=an_id("x"))
        assert ([each.name for each in page.items], page.total) == (["a"], 1)

    async def test_prompts_are_found_by_their_lineages(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", "c", "d", "e")
        await found_lineages(record, lineage("one"), lineage("two"), lineage("three"))
        async with record.begin() as tx:
            await tx.templates.place([placement(text, "one") for text in "bde"])
            await tx.templates.place([placement("a", "two"), placement("c", "three")])
        async with record.read() as tx:
            asked = [an_id("one"), an_id("two"), an_id("nobody"), "no uuid"]
            members = await tx.prompts.under(asked, until=4)
            ids = [prompt_id(HOME_ID, text) for text in "cbx"]
            homes = await tx.templates.homes([*ids, "no uuid"])
        assert [prompt.text for prompt in members] == ["a", "b", "d"]
        assert homes == {ids[0]: an_id("three"), ids[1]: an_id("one")}

    async def test_a_prompt_has_one_placement(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", "c")
        await found_lineages(record, lineage("one"), lineage("two"))
        async with record.begin() as tx:
            await tx.templates.place([placement(text, "one") for text in "abc"])
            await tx.templates.place([placement("b", "two")])
        asked = [prompt_id(HOME_ID, text) for text in ("c", "nobody", "b")]
        async with record.read() as tx:
            assert await tx.templates.placements(asked) == [
                placement("c", "one"),
                placement("b", "two"),
            ]
            counts = [await tx.templates.placed_count(an_id(f"{n} 1.0.0")) for n in ("one", "two")]
            assert counts == [2, 1]
            assert (await tx.prompts.list(lineage_id=an_id("one"))).total == 2

    async def test_merged_lineages_and_old_versions_are_counted_too(
        self, record: UnitOfWork
    ) -> None:
        await found_lineages(record, lineage("one"), lineage("two"))
        gone = replace(lineage("one", version="1.0.1"), merged_into=an_id("two"))
        await found_lineages(record, gone)
        async with record.read() as tx:
            assert await tx.templates.tally() == (1, 2, 3)

    async def test_a_displaced_prompt_stands_alone_again(self, record: UnitOfWork) -> None:
        await save(record, "a", "b")
        await found_lineages(record, lineage("one"))
        async with record.begin() as tx:
            await tx.templates.place([placement("a", "one"), placement("b", "one")])
            await tx.templates.displace([prompt_id(HOME_ID, "a"), an_id("nobody"), "no uuid"])
        async with record.read() as tx:
            alone = await tx.prompts.alone(HOME_ID, until=9, limit=9)
            listed = await tx.prompts.list(lineage_id=an_id("one"))
            kept = await tx.templates.placements([prompt_id(HOME_ID, text) for text in "ab"])
        assert [prompt.text for prompt in alone] == ["a"]
        assert [prompt.text for prompt in listed.items] == ["b"]
        assert kept == [placement("b", "one")]

    async def test_the_order_of_writes_in_a_transaction_does_not_matter(
        self, record: UnitOfWork
    ) -> None:
        await save(record, "a")
        async with record.begin() as tx:
            await tx.templates.record_events([event("born", "one")])
            await tx.templates.place([placement("a", "one")])
            await tx.templates.save_lineages([lineage("one")])
        async with record.read() as tx:
            assert (await tx.templates.lineage(an_id("one"))).name == "one"

    async def test_a_placement_under_nothing_is_a_conflict(self, record: UnitOfWork) -> None:
        await save(record, "a")
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.templates.place([placement("a", "nobody")])
        async with record.read() as tx:
            assert await tx.templates.placements([prompt_id(HOME_ID, "a")]) == []

    async def test_events_are_told_once_and_in_order(self, record: UnitOfWork) -> None:
        await found_lineages(record, lineage("one"), lineage("two"))
        first, second, third = event("b", "one", at=1), event("a", "one", at=1), event("c", "one")
        async with record.begin() as tx:
            await tx.templates.record_events([first, event("d", "two"), second])
        async with record.begin() as tx:
            await tx.templates.record_events([third, replace(first, reason="changed")])
        async with record.read() as tx:
            assert await tx.templates.events(an_id("one")) == [third, first, second]

    @against_one_record
    @given(slots=st.lists(SLOTS, max_size=3), text=TEXTS, value=TEXTS, share=SHARES)
    async def test_any_template_and_placement_come_back_as_they_were(
        self, record: UnitOfWork, slots: list[Slot], text: str, value: str, share: float
    ) -> None:
        version = replace(
            template("one"),
            id=an_id(repr((slots, text, value, share))),
            text=text,
            slots=tuple(slots),
            confidence=share,
            reason=value,
        )
        known = replace(
            lineage("one"),
            template=version,
            examples=(text, value),
            tallies={text: SlotTally({value: 2, text: 1}, 3)},
        )
        placed = Placement(
            prompt_id(HOME_ID, "a"),
            known.id,
            version.id,
            {text: value},
            value,
            share,
            share,
            (text,),
        )
        await save(record, "a")
        await found_lineages(record, known)
        async with record.begin() as tx:
            await tx.templates.place([placed])
        async with record.read() as tx:
            assert await tx.templates.lineage(known.id) == known
            assert await tx.templates.placements([placed.prompt_id]) == [placed]


def _by_id(name: object) -> str:
    return an_id(str(name))


def worded(known: Lineage) -> Lineage:
    """The lineage with a template text of its own."""
    return replace(known, template=replace(known.template, text=f"Say {known.name}."))
