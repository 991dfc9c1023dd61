"""What every Index promises: what is kept, found, counted, refused. See `index_search.py` too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import anyio
import anyio.lowlevel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import InvalidInput, SpaceMismatch, Unavailable
from promptuary.domain.filters import AnyOf, Eq, Exists, Filter, Not, OneOf, Payload, Value, matches
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space
from promptuary.ports.index import Index, WordQuery
from promptuary.testing.contract import Contract
from promptuary.testing.filters import NUMBERS, STRINGS, conditions, filters, payloads
from promptuary.testing.trying import trying

SPACE = Space("test", 8, "test/8")
OTHER_SPACE = Space("other", 8, "other/8")

Connect: TypeAlias = Callable[[Space], Awaitable[Index]]

LONG_ID = "x" * 5_000
ODD_IDS = (
    "ключ",
    "鍵 with space",
    "a/b?c#d",
    "emoji 🗝",
    "nul\0nul",
    "lone \ud800",
    LONG_ID,
    "0",
    "00",
)


SCRIPTS = "azéßяжλшבغहไ한漢字🗝👩‍🚀\u0301"


def long_ids() -> list[str]:
    """An id of 500 bytes or a little less for each script, which differ only at their ends."""
    filled = (letter * (490 // len(letter.encode())) for letter in SCRIPTS)
    return [f"{letters}{end}" for letters in filled for end in ("1", "2")]


def unit(*numbers: float) -> np.ndarray:
    """A vector of length one that begins with these numbers."""
    row = np.zeros(SPACE.dimensions, dtype=np.float32)
    row[: len(numbers)] = numbers
    return row / np.linalg.norm(row)


def sample(n: int = 40) -> list[Entry]:
    """Entries with vectors in all directions, some words and a payload of every type."""
    rows = np.random.default_rng(7).normal(size=(n, SPACE.dimensions)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    colours, words = ("red", "green", "blue"), ("refund", "invoice", "weather", "parcel")
    return [
        Entry(
            f"e{i:03}",
            {"title": f"{words[i % 4]} request", "text": f"about the {words[i % 4]} number {i}"},
            {"colour": colours[i % 3], "age": i, "live": i % 2 == 0, "tags": ("all", f"t{i % 5}")},
            rows[i],
        )
        for i in range(n)
    ]


@pytest.mark.anyio
class IndexContract(Contract):
    """Needs a fixture `connect`: a coroutine function that opens the same place, each time it is
    called, for the space it is given; the place is empty when the test begins."""

    @pytest.fixture
    async def index(self, connect: Connect) -> AsyncIterator[Index]:
        opened = await connect(SPACE)
        yield opened
        await opened.aclose()

    async def test_a_new_index_is_empty_and_well(self, index: Index) -> None:
        health = await index.health()
        assert (health.state, health.entries, health.watermark) == ("ok", 0, 0)
        assert index.space == SPACE
        assert await index.count() == 0
        assert await index.list_ids() == []
        assert await index.search_words(WordQuery("anything"), limit=3) == []
        assert await index.search_vectors(np.eye(2, 8, dtype=np.float32), limit=3) == [[], []]
        assert await index.facets("colour") == {}

    async def test_what_is_put_is_what_is_got(self, index: Index) -> None:
        entries = sample(5)
        await index.put(entries)
        got = await index.get(["e003", "missing", "e001"])
        assert [entry.id for entry in got] == ["e003", "e001"]
        assert got[0].texts == entries[3].texts
        assert got[0].payload == entries[3].payload
        assert got[0].vector == pytest.approx(entries[3].vector, abs=1e-3)

    async def test_every_value_comes_back_as_it_was(self, index: Index) -> None:
        payload: Payload = {
            "big": 2**63 + 1, "float": 0.1, "whole": 2.0, "bool": True, "none": (), "": "empty",
            "inf": float("inf"), "tags": ("a", "a", "b"), "dots.and[0]": "\ud800", "größe": -0.0,
        }  # fmt: skip
        text = "nul \0, lone \udfff, right-to-left שלום, 日本, zero\u200bwidth, e\u0301, 🗝\r\n"
        await index.put([Entry("odd", {"text": text, "no.field": ""}, payload)])
        (got,) = await index.get(["odd"])
        assert got.texts == {"text": text, "no.field": ""}
        assert dict(got.payload) == dict(payload)
        assert [type(v) for v in got.payload.values()] == [type(v) for v in payload.values()]
        assert got.vector is None

    async def test_any_id_will_do(self, index: Index) -> None:
        await index.put([Entry(key, {"text": "odd id"}) for key in ODD_IDS])
        assert [entry.id for entry in await index.get(ODD_IDS)] == list(ODD_IDS)
        assert await index.list_ids() == sorted(ODD_IDS)
        assert {hit.id for hit in await index.search_words(WordQuery("odd"), limit=20)} == {
            *ODD_IDS
        }
        assert await index.remove(ODD_IDS) == len(ODD_IDS)

    @pytest.mark.slow
    async def test_a_megabyte_of_text_is_kept_and_found(self, index: Index) -> None:
        text = "refund " + "lorem ipsum dolor " * 60_000
        await index.put([Entry("long", {"text": text}, {}, unit(1)), *sample(3)])
        (got,) = await index.get(["long"])
        assert got.texts["text"] == text
        found = await index.search_words(WordQuery("dolor", typos=False), limit=9)
        assert [hit.id for hit in found] == ["long"]

    async def test_ids_of_five_hundred_bytes_in_every_script_are_told_apart(
        self, index: Index
    ) -> None:
        ids = long_ids()
        await index.put([Entry(key, {"text": "odd id"}) for key in ids])
        assert await index.list_ids(limit=len(ids)) == sorted(ids)
        assert [entry.id for entry in await index.get(ids)] == ids
        assert await index.remove(ids[::2]) == len(ids) / 2
        assert await index.list_ids(limit=len(ids)) == sorted(ids[1::2])

    @pytest.mark.slow
    async def test_a_filter_of_ten_thousand_values_means_what_it_says(self, index: Index) -> None:
        await index.put(sample(9))
        many = (*(f"no colour {at}" for at in range(10_000)), "red")
        assert await index.list_ids(where=OneOf("colour", many)) == ["e000", "e003", "e006"]
        some = AnyOf(tuple(Eq("age", at) for at in range(5, 300)))
        assert await index.list_ids(where=Not(some)) == [f"e{at:03}" for at in range(5)]

    async def test_putting_twice_changes_nothing(self, index: Index) -> None:
        await index.put(sample(5))
        before = await index.search_words(WordQuery("refund"), limit=10)
        await index.put(sample(5))
        assert await index.count() == 5
        after = await index.search_words(WordQuery("refund"), limit=10)
        assert [hit.id for hit in after] == [hit.id for hit in before]
        assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before])

    async def test_putting_again_overwrites_all_of_it(self, index: Index) -> None:
        await index.put(sample(3))
        await index.put([Entry("e001", {"text": "quite new"}, {"colour": "black"})])
        (got,) = await index.get(["e001"])
        assert (got.texts, got.payload, got.vector) == (
            {"text": "quite new"},
            {"colour": "black"},
            None,
        )
        assert await index.count(Eq("age", 1)) == 0
        assert await index.search_words(WordQuery("invoice"), limit=5) == []
        (hits,) = await index.search_vectors(unit(1)[None], limit=5)
        assert {hit.id for hit in hits} == {"e000", "e002"}

    async def test_the_last_of_equal_ids_wins(self, index: Index) -> None:
        await index.put([Entry("twice", {"text": "first"}), Entry("twice", {"text": "second"})])
        assert [entry.texts["text"] for entry in await index.get(["twice"])] == ["second"]
        assert await index.search_words(WordQuery("first"), limit=5) == []
        assert await index.count() == 1

    async def test_remove_counts_only_what_existed(self, index: Index) -> None:
        await index.put(sample(3))
        assert await index.remove(["e000", "e009"]) == 1
        assert await index.remove(["e000"]) == 0
        assert await index.count() == 2
        assert await index.search_words(WordQuery("refund"), limit=5) == []

    async def test_a_vector_of_another_length_is_refused_and_nothing_written(
        self, index: Index
    ) -> None:
        wrong = Entry("wrong", {"text": "wrong"}, {}, np.ones(3, dtype=np.float32))
        with pytest.raises(SpaceMismatch):
            await index.put([*sample(2), wrong])
        assert await index.count() == 0
        with pytest.raises(SpaceMismatch):
            await index.search_vectors(np.ones((1, 3), dtype=np.float32), limit=1)

    async def test_what_cannot_be_kept_is_refused_and_nothing_written(self, index: Index) -> None:
        for wrong in (
            Entry("nan", {}, {}, np.full(8, np.nan, dtype=np.float32)),
            Entry("", {"text": "no id"}),
            Entry("none", {}, {"field": None}),  # type: ignore[dict-item]  # the very mistake
            Entry("list", {}, {"field": ["a"]}),  # type: ignore[dict-item]  # the very mistake
            Entry("deep", {}, {"field": (1,)}),  # type: ignore[dict-item]  # the very mistake
        ):
            with pytest.raises(InvalidInput):
                await index.put([*sample(2), wrong])
            assert await index.count() == 0, wrong

    async def test_ids_are_listed_in_order_page_by_page(self, index: Index) -> None:
        await index.put(sample(25))
        first = await index.list_ids(limit=10)
        assert first == [f"e{i:03}" for i in range(10)]
        assert await index.list_ids(after="e009x", limit=10) == [f"e{i:03}" for i in range(10, 20)]
        assert await index.list_ids(after="e019", limit=10, where=Eq("live", True)) == [
            "e020", "e022", "e024",
        ]  # fmt: skip
        assert await index.list_ids(limit=0) == []

    async def test_walking_through_is_stable_while_others_write(self, index: Index) -> None:
        await index.put(sample(40))
        seen: list[str] = []
        after: str | None = None
        while page := await index.list_ids(after=after, limit=7):
            seen += page
            after = page[-1]
            await index.put(
                [Entry(f"{after}-new", {"text": "new"}), Entry("a", {}), Entry("z", {})]
            )
            await index.remove(["e000", f"{after}-new"])
        assert [key for key in seen if key.startswith("e")] == [f"e{i:03}" for i in range(40)]

    @trying(15)
    @given(
        kept=st.lists(payloads(), min_size=6, max_size=6),
        wheres=st.lists(filters(), min_size=4, max_size=4),
    )
    async def test_a_filter_means_what_the_reference_says(
        self, index: Index, kept: list[Payload], wheres: list[Filter]
    ) -> None:
        await index.put([Entry(f"p{i}", {"text": "same"}, kept[i], unit(1)) for i in range(6)])
        for where in wheres:
            true = [f"p{i}" for i in range(6) if matches(where, kept[i])]
            assert await index.list_ids(where=where) == true
            assert await index.count(where) == len(true)
            (hits,) = await index.search_vectors(unit(1)[None], limit=6, where=where)
            assert sorted(hit.id for hit in hits) == true
            words = await index.search_words(WordQuery("same"), limit=6, where=where)
            assert sorted(hit.id for hit in words) == true

    async def test_every_condition_means_the_same_about_every_awkward_value(
        self, index: Index
    ) -> None:
        values: tuple[Value, ...] = (
            True,
            False,
            *STRINGS,
            *NUMBERS,
            (),
            ("x", ""),
            ("1", "é", "é"),
        )
        kept: dict[str, Payload] = {f"v{at:02}": {"f": v} for at, v in enumerate(values)}
        kept["without"] = {"other": 1}
        await index.put([Entry(key, {}, payload) for key, payload in kept.items()])
        for where in conditions("f"):
            for wanted in (where, Not(where)):
                true = [key for key, payload in kept.items() if matches(wanted, payload)]
                assert await index.list_ids(where=wanted) == true, wanted

    async def test_facets_count_each_value_most_frequent_first(self, index: Index) -> None:
        await index.put(sample(40))
        await index.put(
            [Entry("mixed", {}, {"age": 1.5, "tags": ("t1", "t1"), "nan": float("nan")})]
        )
        assert await index.facets("colour") == {"red": 14, "blue": 13, "green": 13}
        assert list(await index.facets("colour")) == ["red", "blue", "green"]
        assert await index.facets("live") == {True: 20, False: 20}
        assert await index.facets("tags", limit=2) == {"all": 40, "t1": 9}
        assert await index.facets("age", limit=2, where=Eq("colour", "red")) == {0: 1, 3: 1}
        assert await index.facets("nan") == await index.facets("nowhere") == {}
        assert await index.facets("tags", where=Exists("nowhere")) == {}

    async def test_eight_writers_at_once_lose_nothing(self, index: Index) -> None:
        async def write(writer: int) -> None:
            for part in range(5):
                own = [Entry(f"w{writer}-{part}-{i}", {"text": f"own {writer}"}) for i in range(10)]
                await index.put([*own, Entry("shared", {"text": f"shared {writer}"})])
                await index.remove([f"w{writer}-{part}-0"])

        async with anyio.create_task_group() as group:
            for writer in range(8):
                group.start_soon(write, writer)
        assert await index.count() == 8 * 5 * 9 + 1
        assert len(await index.search_words(WordQuery("own"), limit=999)) == 8 * 5 * 9
        assert len(await index.search_words(WordQuery("shared"), limit=9)) == 1

    async def test_a_cancelled_put_happens_as_a_whole_or_not_at_all(self, index: Index) -> None:
        many = [Entry(f"c{i}", {"text": f"cancelled {i}"}) for i in range(1_500)]
        async with anyio.create_task_group() as group:
            group.start_soon(index.put, many)
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert await index.count() in (0, len(many))
        await index.put(sample(3))
        assert len(await index.get(["e000", "e001", "e002"])) == 3

    async def test_the_watermark_and_what_is_expected_make_the_health(self, index: Index) -> None:
        await index.expect(5)
        await index.expect(3)
        await index.set_watermark(4)
        assert await index.watermark() == 4
        health = await index.health()
        assert (health.state, health.watermark, health.expected) == ("rebuilding", 4, 5)
        await index.set_watermark(5)
        assert (await index.health()).state == "ok"

    async def test_a_cleared_index_is_rebuilding_until_it_is_back(self, index: Index) -> None:
        await index.put(sample(5))
        await index.set_watermark(7)
        await index.clear()
        assert (await index.watermark(), await index.count()) == (0, 0)
        assert await index.search_words(WordQuery("refund"), limit=5) == []
        assert (await index.health()).state == "rebuilding"
        await index.put(sample(5))
        await index.set_watermark(7)
        assert (await index.health()).state == "ok"
        assert len(await index.search_words(WordQuery("refund"), limit=5)) == 2

    async def test_closing_twice_is_harmless_and_then_nothing_works(self, index: Index) -> None:
        await index.aclose()
        await index.aclose()
        with pytest.raises(Unavailable):
            await index.count()
        with pytest.raises(Unavailable):
            await index.put(sample(1))
        assert (await index.health()).detail == "closed"

    async def test_what_was_put_is_there_when_opened_again(self, connect: Connect) -> None:
        first = await connect(SPACE)
        await first.put(sample(30))
        await first.remove(["e003"])
        await first.set_watermark(11)
        hits = await first.search_words(WordQuery("refund"), limit=10)
        await first.aclose()
        again = await connect(SPACE)
        assert await again.count() == 29
        assert (await again.health()).state == "ok"
        assert await again.watermark() == 11
        assert await again.search_words(WordQuery("refund"), limit=10) == hits
        assert (await again.get(["e004"]))[0].payload == sample(30)[4].payload
        assert await again.facets("colour", where=Eq("live", True)) == {
            "red": 5,
            "blue": 5,
            "green": 5,
        }
        await again.aclose()

    async def test_another_space_is_refused_on_opening(self, connect: Connect) -> None:
        await (await connect(SPACE)).aclose()
        with pytest.raises(SpaceMismatch):
            await connect(OTHER_SPACE)
        await (await connect(SPACE)).aclose()
