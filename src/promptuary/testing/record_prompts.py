"""What every record promises of prompts and their occurrences; part of the UnitOfWork contract."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.prompts import ModerationStatus, NewPrompt, Prompt, Verdict, prompt_id
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    an_id,
    found_lineages,
    lineage,
    moment,
    new_prompt,
    placement,
    save,
    walked,
)
from promptuary.testing.trying import trying

TEXTS = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    [
        "\x00",
        "\ud800",
        "\ufdd0",
        "\ufdd00000",
        "\\u0000",
        "\udfff\ud800",
        "\u202eabc",
        "👩‍👩‍👧",
        "\ufffe\uffff",
    ]
)
SCALARS = TEXTS | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
KEYS = count()
"""Occurrence keys that no other example used."""

against_one_record = trying(30)


@pytest.mark.anyio
class PromptsContract(Contract):
    """`record` is an empty record database."""

    async def test_new_texts_get_the_next_seqs_in_order(self, record: UnitOfWork) -> None:
        saved = await save(record, "a", "b", "c")
        got = await fetched(record, "a", "b", "c")
        assert [(each.new_text, each.new_occurrence) for each in saved] == [(True, True)] * 3
        assert [prompt.seq for prompt in got] == [1, 2, 3]

    async def test_what_is_saved_is_what_is_got(self, record: UnitOfWork) -> None:
        verdict = Verdict(False, {"pii": 0.5}, "holds an address", unasked=("beside",))
        given = replace(
            new_prompt("hello", at=5), verdict=verdict, source="chat", metadata={"n": 1, "x": 1.5}
        )
        await save(record, given)
        assert await fetched(record, "hello") == [
            Prompt(
                id=given.id,
                collection=HOME,
                seq=1,
                text="hello",
                status="rejected",
                verdict=verdict,
                count=1,
                created_at=moment(5),
                updated_at=moment(5),
                source="chat",
                metadata={"n": 1, "x": 1.5},
            )
        ]

    async def test_masked_prompts_are_among_the_safe_and_found_by_what_they_are(
        self, record: UnitOfWork
    ) -> None:
        masked = replace(new_prompt("to [EMAIL]"), verdict=Verdict(True, masked={"email": 1}))
        refused = replace(new_prompt("no"), verdict=Verdict(False, reason="no", masked={"card": 2}))
        await save(record, "a", masked, refused)
        (kept, aside) = await fetched(record, "to [EMAIL]", "no")
        assert (kept.status, dict(kept.verdict.masked)) == ("masked", {"email": 1})
        assert (aside.status, dict(aside.verdict.masked)) == ("rejected", {"card": 2})
        async with record.read() as tx:
            listed: dict[ModerationStatus, list[str]]
            listed = {"masked": ["to [EMAIL]"], "safe": ["to [EMAIL]", "a"]}
            for status, texts in listed.items():
                page = await tx.prompts.list(HOME_ID, status=status)
                assert ([each.text for each in page.items], page.total) == (texts, len(texts))
            alone = await tx.prompts.alone(HOME_ID, until=9, limit=9)
            assert [each.text for each in alone] == ["a", "to [EMAIL]"]

    async def test_a_text_sent_again_is_counted(self, record: UnitOfWork) -> None:
        await save(record, new_prompt("a", "1", at=3), new_prompt("a", "2", at=2))
        saved = await save(record, new_prompt("a", "3", at=7), new_prompt("a", "4", at=6))
        (prompt,) = await fetched(record, "a")
        assert [(each.new_text, each.new_occurrence) for each in saved] == [(False, True)] * 2
        assert (prompt.seq, prompt.count) == (1, 4)
        assert (prompt.created_at, prompt.updated_at) == (moment(3), moment(7))

    async def test_a_known_key_changes_nothing(self, record: UnitOfWork) -> None:
        await save(record, "a", "b")
        before = await fetched(record, "a", "b")
        saved = await save(record, "a", "b", "a")
        assert [(each.new_text, each.new_occurrence) for each in saved] == [(False, False)] * 3
        assert await fetched(record, "a", "b") == before

    async def test_a_known_key_with_another_text_is_a_conflict(self, record: UnitOfWork) -> None:
        await save(record, new_prompt("a", "key"))
        with pytest.raises(Conflict):
            await save(record, "new", new_prompt("b", "key"))
        assert await fetched(record, "new", "b") == []

    async def test_adding_to_an_unknown_collection_is_not_found(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            with pytest.raises(NotFound):
                await tx.prompts.add(an_id("nowhere"), [new_prompt("a")])

    async def test_fifty_senders_of_one_batch_have_one_effect(self, record: UnitOfWork) -> None:
        batch = [new_prompt(f"prompt {i % 7}", f"batch:{i}") for i in range(20)]
        answers = await asyncio.gather(*(save(record, *batch) for _ in range(50)))
        new = [saved for answer in answers for saved in answer if saved.new_occurrence]
        got = await fetched(record, *(f"prompt {i}" for i in range(7)))
        assert len(new) == 20
        assert [prompt.count for prompt in got] == [3, 3, 3, 3, 3, 3, 2]

    async def test_concurrent_writers_leave_no_gap(self, record: UnitOfWork) -> None:
        await asyncio.gather(
            *(save(record, *(f"{writer}:{i}" for i in range(5))) for writer in range(20)),
            *(save(record, "elsewhere", home=f"home {writer}") for writer in range(5)),
        )
        async with record.read() as tx:
            got = await tx.prompts.after(HOME_ID, 0, limit=1000)
            assert [prompt.seq for prompt in got] == list(range(1, 101))
            assert (await tx.collections.get(HOME)).last_seq == 100

    async def test_prompts_come_in_the_order_asked(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", "c")
        asked = [prompt_id(HOME_ID, text) for text in ("c", "missing", "a", "c")]
        async with record.read() as tx:
            got = await tx.prompts.get([*asked, "no uuid", asked[0].upper()])
            many = await tx.prompts.get([*(an_id(str(i)) for i in range(5000)), asked[0]])
        assert [prompt.text for prompt in got] == ["c", "a", "c"]
        assert [prompt.text for prompt in many] == ["c"]

    async def test_what_comes_after_a_seq_is_ascending_and_bounded(
        self, record: UnitOfWork
    ) -> None:
        await save(record, "a", new_prompt("b", allowed=False), "c", "d", "e")
        async with record.read() as tx:
            bounded = await tx.prompts.after(HOME_ID, 1, limit=9, until=4)
            limited = await tx.prompts.after(HOME_ID, 1, limit=2)
        assert [prompt.text for prompt in bounded] == ["b", "c", "d"]
        assert [prompt.text for prompt in limited] == ["b", "c"]

    async def test_the_newest_prompts_that_stand_alone(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", new_prompt("c", allowed=False), "d", "e", "f")
        await found_lineages(record, lineage("one"))
        async with record.begin() as tx:
            await tx.templates.place([placement("d", "one")])
        async with record.read() as tx:
            assert [each.text for each in await tx.prompts.alone(HOME_ID, until=5, limit=9)] == [
                *("a", "b", "e")
            ]
            assert [each.text for each in await tx.prompts.alone(HOME_ID, until=5, limit=2)] == [
                *("b", "e")
            ]
            assert await tx.prompts.tally(HOME_ID, after=1) == (1, 3)

    async def test_the_newest_prompts_are_listed_first(self, record: UnitOfWork) -> None:
        await save(record, *(f"prompt {i}" for i in range(7)))
        async with record.read() as tx:
            page = await tx.prompts.list(HOME_ID, limit=3)
            every = await walked(lambda cursor: tx.prompts.list(HOME_ID, cursor=cursor, limit=3))
        assert [prompt.seq for prompt in page.items] == [7, 6, 5]
        assert [prompt.seq for prompt in every] == [7, 6, 5, 4, 3, 2, 1]
        assert page.total == 7

    async def test_pages_stay_where_they_are_while_others_write(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", "c", "d")
        async with record.read() as tx:
            first = await tx.prompts.list(HOME_ID, limit=2)
        await save(record, "e", "f")
        async with record.read() as tx:
            second = await tx.prompts.list(HOME_ID, cursor=first.next_cursor, limit=2)
        assert [prompt.text for prompt in second.items] == ["b", "a"]
        assert (second.next_cursor, second.total) == (None, 6)

    async def test_a_listing_can_be_narrowed(self, record: UnitOfWork) -> None:
        await save(record, "a", new_prompt("b", allowed=False), "c")
        await save(record, "elsewhere", home="other")
        await found_lineages(record, lineage("one"))
        async with record.begin() as tx:
            await tx.templates.place([placement("a", "one"), placement("c", "one")])
        async with record.read() as tx:
            safe = await tx.prompts.list(HOME_ID, status="safe")
            rejected = await tx.prompts.list(HOME_ID, status="rejected")
            placed = await tx.prompts.list(lineage_id=an_id("one"), limit=1)
            nobody = await tx.prompts.list(lineage_id="no uuid")
            every = await walked(lambda cursor: tx.prompts.list(cursor=cursor, limit=2))
        assert ([each.text for each in safe.items], safe.total) == (["c", "a"], 2)
        assert ([each.text for each in rejected.items], rejected.total) == (["b"], 1)
        assert ([each.text for each in placed.items], placed.total) == (["c"], 2)
        assert (nobody.items, nobody.total) == ((), 0)
        assert sorted(each.text for each in every) == ["a", "b", "c", "elsewhere"]

    async def test_a_foreign_or_changed_cursor_is_refused(self, record: UnitOfWork) -> None:
        await save(record, "a", "b", "c")
        async with record.read() as tx:
            cursor = (await tx.prompts.list(HOME_ID, limit=1)).next_cursor
            assert cursor is not None
            for wrong in (cursor[:-1], cursor[1:], "", "é", "x", cursor.swapcase()):
                with pytest.raises(InvalidInput):
                    await tx.prompts.list(HOME_ID, cursor=wrong)
            for call in (tx.prompts.list, tx.families.list, tx.templates.list, tx.keys.list):
                with pytest.raises(InvalidInput):
                    await call(cursor=cursor)

    async def test_a_page_of_nothing_is_refused(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            with pytest.raises(InvalidInput):
                await tx.prompts.list(limit=0)

    async def test_occurrences_come_in_order_of_arrival(self, record: UnitOfWork) -> None:
        await save(record, new_prompt("a", "z", at=9), new_prompt("b", "y"))
        await save(record, new_prompt("a", "x", at=1), new_prompt("a", "z"))
        await save(record, "elsewhere", home="other")
        async with record.read() as tx:
            got = [each async for each in tx.prompts.occurrences(HOME_ID)]
        assert [each.key for each in got] == ["z", "y", "x"]
        assert got[0].prompt_id == got[2].prompt_id == prompt_id(HOME_ID, "a")
        assert [each.created_at for each in got] == [moment(9), moment(0), moment(1)]

    async def test_a_long_stream_of_occurrences_is_whole(self, record: UnitOfWork) -> None:
        await save(record, *(new_prompt(f"{i % 10}", f"key {i}") for i in range(11_000)))
        async with record.read() as tx:
            got = [each.key async for each in tx.prompts.occurrences(HOME_ID)]
        assert got == [f"key {i}" for i in range(11_000)]

    async def test_times_come_back_in_utc(self, record: UnitOfWork) -> None:
        zone = timezone(timedelta(hours=5, minutes=30))
        await save(record, replace(new_prompt("a"), created_at=moment(3).astimezone(zone)))
        (prompt,) = await fetched(record, "a")
        assert prompt.created_at == moment(3)
        assert prompt.created_at.utcoffset() == timedelta(0)

    async def test_a_time_without_zone_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            await save(record, replace(new_prompt("a"), created_at=moment().replace(tzinfo=None)))

    async def test_an_id_that_is_no_uuid_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            await save(record, replace(new_prompt("a"), id="a"))

    async def test_numbers_that_json_lacks_are_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(InvalidInput):
            await save(record, replace(new_prompt("a"), metadata={"n": float("nan")}))

    async def test_a_text_of_a_megabyte_comes_back_whole(self, record: UnitOfWork) -> None:
        text = "0123456789\n\x00é👍" * 77_000
        await save(record, replace(new_prompt(text), key="long"))
        (prompt,) = await fetched(record, text)
        assert prompt.text == text

    @against_one_record
    @given(text=TEXTS, key=TEXTS, source=TEXTS)
    async def test_any_text_comes_back_as_it_was(
        self, record: UnitOfWork, text: str, key: str, source: str
    ) -> None:
        key = f"{next(KEYS)}:{key}"
        own_id = an_id(key)
        await save(record, replace(new_prompt(text, key), id=own_id, source=source))
        async with record.read() as tx:
            (prompt,) = await tx.prompts.get([own_id])
            newest = [each.key async for each in tx.prompts.occurrences(HOME_ID)][-1]
        assert (prompt.text, prompt.source, newest) == (text, source, key)

    @against_one_record
    @given(metadata=st.dictionaries(TEXTS, SCALARS, max_size=4))
    async def test_any_metadata_comes_back_as_it_was(
        self, record: UnitOfWork, metadata: dict[str, str | bool | int | float]
    ) -> None:
        given: NewPrompt = replace(new_prompt(f"prompt {next(KEYS)}"), metadata=metadata)
        await save(record, given)
        (prompt,) = await fetched(record, given.text)
        assert dict(prompt.metadata) == metadata
        assert list(map(type, prompt.metadata.values())) == list(map(type, metadata.values()))


async def fetched(record: UnitOfWork, *texts: str) -> list[Prompt]:
    """The prompts of these texts."""
    async with record.read() as tx:
        return await tx.prompts.get([prompt_id(HOME_ID, text) for text in texts])
