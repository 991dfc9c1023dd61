"""What every Index promises about ranking: by meaning exactly, by words as the reference does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import Between, Eq
from promptuary.domain.found import Entry
from promptuary.ports.index import Index, WordQuery
from promptuary.retrieval.lexicon import FORM
from promptuary.testing.contract import Contract
from promptuary.testing.index import SPACE, Connect, sample, unit
from promptuary.testing.trying import trying

VOCABULARY = (
    "refund", "refunds", "refnud", "refuse", "order", "orders", "ordre", "older", "card", "cards",
    "invoice", "invoices", "involce", "the", "a", "1234", "1235", "привет", "приват", "退款",
    "straße", "STRASSE", "don't", "naïve", "re-order", "order_id",
)  # fmt: skip


def word_queries() -> st.SearchStrategy[WordQuery]:
    """Up to four words of the vocabulary, asked for in every way."""
    return st.builds(
        WordQuery,
        st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4).map(" ".join),
        boosts=st.sampled_from([0, 1, 2.5]).map(lambda boost: {"title": boost}),
        phrase=st.booleans(),
        prefix=st.booleans(),
        typos=st.booleans(),
        forms=st.booleans(),
    )


@pytest.mark.anyio
class IndexSearchContract(Contract):
    """Needs the fixture `connect` of `IndexContract`."""

    @pytest.fixture
    async def index(self, connect: Connect) -> AsyncIterator[Index]:
        opened = await connect(SPACE)
        yield opened
        await opened.aclose()

    async def test_an_entry_finds_itself_first(self, index: Index) -> None:
        entries = sample()
        await index.put(entries)
        rows = np.stack([entry.vector for entry in entries if entry.vector is not None])
        for hits, entry in zip(await index.search_vectors(rows, limit=3), entries, strict=True):
            assert hits[0].id == entry.id
            assert hits[0].score == pytest.approx(1, abs=1e-3)
            assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)

    async def test_scores_are_the_cosine_and_no_entry_is_overlooked(self, index: Index) -> None:
        entries = sample()
        await index.put(entries)
        query = unit(1, -2, 3)
        (hits,) = await index.search_vectors(query[None], limit=len(entries))
        true = {e.id: float(query @ e.vector) for e in entries if e.vector is not None}
        assert {hit.id for hit in hits} == true.keys()
        np.testing.assert_allclose([h.score for h in hits], [true[h.id] for h in hits], atol=1e-3)
        assert len((await index.search_vectors(query[None], limit=7))[0]) == 7

    async def test_what_has_no_meaning_is_not_found_by_meaning(self, index: Index) -> None:
        blank = np.zeros(SPACE.dimensions, dtype=np.float32)
        await index.put(
            [Entry("none", {"text": "one"}), Entry("blank", {"text": "two"}, {}, blank)]
        )
        await index.put([Entry("one", {"text": "three"}, {}, unit(1))])
        found = await index.search_vectors(np.stack([unit(1), blank]), limit=5)
        assert [[hit.id for hit in hits] for hits in found] == [["one"], []]
        (got,) = await index.get(["blank"])
        np.testing.assert_array_equal(got.vector, blank)

    async def test_nan_is_refused_in_a_query(self, index: Index) -> None:
        with pytest.raises(InvalidInput):
            await index.search_vectors(np.full((1, 8), np.nan, dtype=np.float32), limit=1)

    async def test_a_filter_narrows_before_the_limit(self, index: Index) -> None:
        await index.put(sample())
        (hits,) = await index.search_vectors(unit(1)[None], limit=3, where=Between("age", low=35))
        assert len(hits) == 3
        words = await index.search_words(WordQuery("number"), limit=3, where=Eq("colour", "blue"))
        assert len(words) == 3

    async def test_what_most_entries_meet_is_found_however_many_nearer_ones_do_not(
        self, index: Index
    ) -> None:
        farther = (0, 1, 8, 30)
        await index.put([
            Entry(f"{at:03}", {}, {f"from {nearer}": at >= nearer for nearer in farther},
                  unit(1, at / 100))
            for at in range(100)
        ])  # fmt: skip
        for nearer in farther:
            common = Eq(f"from {nearer}", True)
            (hits,) = await index.search_vectors(unit(1)[None], limit=3, where=common)
            assert [hit.id for hit in hits] == [f"{nearer + at:03}" for at in range(3)]

    async def test_more_and_rarer_words_rank_higher(self, index: Index) -> None:
        await index.put([
            Entry("both", {"text": "refund the order"}), Entry("rare", {"text": "refund the car"}),
            Entry("common", {"text": "order the car"}), Entry("more", {"text": "order the house"}),
            Entry("none", {"text": "paint the house"}),
        ])  # fmt: skip
        hits = await index.search_words(WordQuery("refund order"), limit=9)
        assert [hit.id for hit in hits][:2] == ["both", "rare"]
        assert {hit.id for hit in hits[2:]} == {"common", "more"}
        assert all(hit.score > 0 for hit in hits)
        assert await index.search_words(WordQuery(" ?! "), limit=9) == []

    async def test_a_boost_weighs_a_field_and_zero_leaves_it_out(self, index: Index) -> None:
        await index.put([
            Entry("title", {"title": "refund", "text": "words"}),
            Entry("text", {"title": "words", "text": "refund"}),
        ])  # fmt: skip
        for best, boosts in (("title", {"title": 3.0}), ("text", {"text": 3.0})):
            hits = await index.search_words(WordQuery("refund", boosts=boosts), limit=9)
            assert hits[0].id == best
            assert hits[0].score == pytest.approx(3 * hits[1].score, rel=0.01)
        left = await index.search_words(WordQuery("refund", boosts={"title": 0}), limit=9)
        assert [hit.id for hit in left] == ["text"]

    async def test_a_phrase_stands_in_order_in_one_field(self, index: Index) -> None:
        await index.put([
            Entry("run", {"text": "please Refund my order, now"}),
            Entry("apart", {"text": "refund, please, my order"}),
            Entry("split", {"title": "refund", "text": "my order"}),
            Entry("typo", {"text": "refund my ordr"}),
            Entry("longer", {"text": "refund my orders, or a refund for my order"}),
        ])  # fmt: skip
        exact = WordQuery("refund my order", phrase=True, typos=False)
        assert [hit.id for hit in await index.search_words(exact, limit=9)] == ["run"]
        loose = WordQuery("refund my orde", phrase=True, prefix=True)
        found = {hit.id for hit in await index.search_words(loose, limit=9)}
        assert found == {"run", "typo", "longer"}
        unknown = WordQuery("refund my spaceship", phrase=True)
        assert await index.search_words(unknown, limit=9) == []

    async def test_a_prefix_completes_the_last_word_only(self, index: Index) -> None:
        await index.put([
            Entry("order", {"text": "ordering a card"}),
            Entry("refund", {"text": "refunding a car"}),
        ])  # fmt: skip
        for text, found in (("ref", ["refund"]), ("ref ord", ["order"]), ("ord", ["order"])):
            hits = await index.search_words(WordQuery(text, prefix=True), limit=9)
            assert [hit.id for hit in hits] == found
        assert await index.search_words(WordQuery("ord"), limit=9) == []

    async def test_typos_are_tolerated_as_far_as_promised(self, index: Index) -> None:
        words = ("refund", "invoice", "cancellation", "car", "4712", "приват")
        await index.put([Entry(word, {"text": f"the {word} here"}) for word in words])
        for typed, standing in (
            ("refnud", "refund"),
            ("refun", "refund"),
            ("invoce", "invoice"),
            ("cancelation", "cancellation"),
            ("canselation", "cancellation"),
            ("cat", None),
            ("befund", None),
            ("refxyd", None),
            ("4711", None),
            ("привет", "приват"),
        ):
            hits = await index.search_words(WordQuery(typed), limit=9)
            assert [hit.id for hit in hits] == ([standing] if standing else []), typed
            assert await index.search_words(WordQuery(typed, typos=False), limit=9) == []

    async def test_an_exact_match_ranks_above_a_misspelt_one(self, index: Index) -> None:
        right = [Entry(f"right{i}", {"text": f"refund number {i}"}) for i in range(9)]
        await index.put([Entry("wrong", {"text": "refnud number 9"}), *right])
        hits = await index.search_words(WordQuery("refund"), limit=10)
        assert hits[-1].id == "wrong"
        assert len(hits) == 10

    async def test_forms_of_a_word_are_found_when_asked_for(self, index: Index) -> None:
        await index.put([
            Entry("plural", {"text": "the orders here"}), Entry("other", {"text": "an ordeal"}),
        ])  # fmt: skip
        query = WordQuery("ordering", forms=True, typos=False)
        assert [hit.id for hit in await index.search_words(query, limit=9)] == ["plural"]
        assert await index.search_words(WordQuery("ordering", typos=False), limit=9) == []

    async def test_what_is_known_of_words_needs_no_search(self, index: Index) -> None:
        texts = ("refund the order", "refund my orders", "the refunds", "refund")
        await index.put([Entry(f"e{at}", {"text": text}) for at, text in enumerate(texts)])
        query = WordQuery("refund ordr spaceship refund", forms=True)
        refund, order, unknown = await index.known_words(query)
        assert (refund.typed, refund.terms, refund.entries) == (
            "refund",
            {"refund": 1.0, "refunds": FORM},
            3,
        )
        assert order.terms.keys() == {"order"}
        assert 0 < order.terms["order"] < 1
        assert (unknown.typed, unknown.terms, unknown.entries) == ("spaceship", {}, 0)

    @trying(8)
    @given(
        texts=st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=12), min_size=8, max_size=8),
        queries=st.lists(word_queries(), min_size=3, max_size=3),
    )
    async def test_words_find_and_score_as_the_reference_does(
        self, index: Index, texts: list[list[str]], queries: list[WordQuery]
    ) -> None:
        reference = MemoryIndex(SPACE)
        entries = [
            Entry(f"p{i}", {"title": " ".join(words[:2]), "text": " ".join(words)})
            for i, words in enumerate(texts)
        ]
        for at in (index, reference):
            await at.put(entries)
        for query in queries:
            found = {hit.id: hit.score for hit in await index.search_words(query, limit=8)}
            true = {hit.id: hit.score for hit in await reference.search_words(query, limit=8)}
            assert found == pytest.approx(true, rel=0.01)

    @pytest.mark.slow
    async def test_ten_thousand_entries_are_searched_without_loss(self, index: Index) -> None:
        rng = np.random.default_rng(1)
        rows = rng.normal(size=(10_000, SPACE.dimensions)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        await index.put([
            Entry(f"n{i}", {"text": f"number {i} of {i % 97}"}, {"part": i % 10}, rows[i])
            for i in range(len(rows))
        ])  # fmt: skip
        found = await index.search_vectors(rows[:50], limit=10)
        for row, hits in zip(rows[:50], found, strict=True):
            tenth = np.sort(rows @ row)[-10]
            assert len(hits) == 10
            assert all(float(rows[int(hit.id[1:])] @ row) > tenth - 2e-3 for hit in hits)
        assert await index.count(Eq("part", 3)) == 1_000
        assert len(await index.search_words(WordQuery("42", typos=False), limit=999)) == 103
