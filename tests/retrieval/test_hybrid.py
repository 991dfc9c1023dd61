from collections.abc import Sequence
from threading import get_ident

import pytest

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.filters import Eq
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Purpose
from promptuary.retrieval.hybrid import CANDIDATES, DEPTH, SearchRequest, rank, search
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.testing.fakes.embedder import FakeEmbedder

from .pairs import Pairs

pytestmark = pytest.mark.anyio

TEXTS = {
    "exact": "refund my order",
    "typo": "refnud for an order",
    "other": "the weather in paris",
    "far": "nothing of it",
}


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder(dimensions=64)


@pytest.fixture
async def index(embedder: FakeEmbedder) -> MemoryIndex:
    index = MemoryIndex(embedder.space)
    rows = await embedder.embed(list(TEXTS.values()))
    await index.put([
        Entry(key, {"text": text}, {"long": len(text) > 15}, row)
        for (key, text), row in zip(TEXTS.items(), rows, strict=True)
    ])  # fmt: skip
    return index


async def test_both_rankers_say_why(index: MemoryIndex, embedder: FakeEmbedder) -> None:
    best, *_ = await search(index, embedder, SearchRequest("refund my order"))
    assert best.id == "exact"
    assert 0.5 < best.score <= 1
    assert best.texts == {"text": TEXTS["exact"]}
    assert best.highlights == {"text": ("**refund** my **order**",)}
    words, meaning, together = best.reasons
    assert words.startswith("words: 'refund', 'order' in text (BM25 ")
    assert words.endswith(", rank 1)")
    assert meaning == "meaning: cosine 1.00, rank 1"
    assert together.startswith("together: exact ")


async def test_a_corrected_word_says_for_what_it_stands(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    found = await search(index, embedder, SearchRequest("refund", mode="words"))
    assert [hit.id for hit in found] == ["exact", "typo"]
    assert "'refnud' for 'refund' in text" in found[1].reasons[0]


async def test_meaning_alone_shows_no_words(index: MemoryIndex, embedder: FakeEmbedder) -> None:
    (best, *_) = await search(index, embedder, SearchRequest("weather paris", mode="meaning"))
    assert best.id == "other"
    assert best.highlights == {}
    assert len(best.reasons) == 1


async def test_what_has_nothing_in_common_is_not_found_by_meaning(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    query = (await embedder.embed(["refund"]))[0]
    (far,) = await index.get(["far"])
    assert far.vector is not None
    await index.put([Entry("opposite", {}, {}, -query)])
    found = await search(index, embedder, SearchRequest("refund"))
    assert "opposite" not in [hit.id for hit in found]


async def test_a_phrase_is_a_condition_for_both_rankers(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    found = await search(index, embedder, SearchRequest("my order", phrase=True))
    assert [hit.id for hit in found] == ["exact"]


async def test_filters_and_boosts_reach_the_index(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    found = await search(index, embedder, SearchRequest("order", where=Eq("long", True)))
    assert "exact" not in [hit.id for hit in found]
    left = SearchRequest("order", mode="words", boosts={"text": 0})
    assert await search(index, embedder, left) == []


async def test_a_query_that_means_nothing_finds_nothing(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    assert await search(index, embedder, SearchRequest(" ?! ", mode="words")) == []
    assert await search(index, embedder, SearchRequest(" ")) == []


async def test_pages_neither_repeat_nor_miss(embedder: FakeEmbedder) -> None:
    index = MemoryIndex(embedder.space)
    texts = [f"order number {i}" for i in range(90)]
    rows = await embedder.embed(texts)
    await index.put([Entry(f"e{i}", {"text": texts[i]}, {}, rows[i]) for i in range(90)])
    whole = await search(index, embedder, SearchRequest("order", limit=90))
    pages = [
        await search(index, embedder, SearchRequest("order", offset=offset, limit=20))
        for offset in range(0, 100, 20)
    ]
    assert [hit.id for page in pages for hit in page] == [hit.id for hit in whole]
    assert len(whole) == 90 < DEPTH


async def test_an_unknown_last_word_is_taken_as_unfinished(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    (best, *_) = await search(index, embedder, SearchRequest("weath"))
    assert best.id == "other"
    assert best.highlights == {"text": ("the **weather** in paris",)}


async def test_other_forms_of_a_word_are_found(index: MemoryIndex, embedder: FakeEmbedder) -> None:
    (best, *_) = await search(index, embedder, SearchRequest("refunding orders"))
    assert best.id == "exact"
    assert "'refund' for 'refunding', 'order' for 'orders' in text" in best.reasons[0]


async def test_what_is_no_candidate_follows_as_the_rankers_have_it(embedder: FakeEmbedder) -> None:
    index = MemoryIndex(embedder.space)
    texts = [f"order number {at}" for at in range(DEPTH)]
    rows = await embedder.embed(texts)
    await index.put([Entry(f"e{at}", {"text": texts[at]}, {}, rows[at]) for at in range(DEPTH)])
    ranked = await rank(index, embedder, SearchRequest("order"))
    looked_at = [bool(one.features) for one in ranked]
    assert looked_at == sorted(looked_at, reverse=True)
    assert CANDIDATES <= sum(looked_at) < len(ranked) == DEPTH
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


async def test_words_of_nearly_the_same_meaning_are_preferred(embedder: FakeEmbedder) -> None:
    index = MemoryIndex(embedder.space)
    await index.put([
        Entry("like", {"text": "order a reimbursement"}), Entry("other", {"text": "order a house"}),
    ])  # fmt: skip
    thesaurus = Thesaurus(Pairs(("refund", "reimbursement")))
    request = SearchRequest("refund order")
    found = await search(index, embedder, request, thesaurus=thesaurus)
    assert [hit.id for hit in found] == ["like", "other"]


async def test_candidates_are_compared_outside_of_the_event_loop(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    at_work: list[int] = []
    pairs = Pairs(("refund", "reimbursement"))

    class Watched:
        def embed_now(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
            at_work.append(get_ident())
            return pairs.embed_now(texts, purpose=purpose)

    await search(index, embedder, SearchRequest("refund"), thesaurus=Thesaurus(Watched()))
    assert at_work
    assert get_ident() not in at_work


@pytest.mark.parametrize("query", ['"my order"', "“MY order”", " «my order» "])
async def test_a_query_in_quotes_finds_its_words_side_by_side_first(
    index: MemoryIndex, embedder: FakeEmbedder, query: str
) -> None:
    crossed = Entry("crossed", {"text": "order my lunch, my second order"}, {}, None)
    await index.put([crossed])
    found = await search(index, embedder, SearchRequest(query, mode="words"))
    assert [hit.id for hit in found[:2]] == ["exact", "crossed"]
    assert found[0].score > found[1].score
    assert found[0].highlights == {"text": ("refund **my** **order**",)}
    pages = [SearchRequest(query, offset=at, limit=1) for at in range(3)]
    one_by_one = [hit.id for page in pages for hit in await search(index, embedder, page)]
    whole = await search(index, embedder, SearchRequest(query, limit=3))
    assert one_by_one == [hit.id for hit in whole]
    assert one_by_one[0] == "exact"


async def test_quotes_around_what_stands_nowhere_find_what_is_found_without(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    for query in ('"order refund"', '"'):
        with_quotes = await search(index, embedder, SearchRequest(query))
        without = await search(index, embedder, SearchRequest(query.strip('"') or query))
        assert [hit.id for hit in with_quotes] == [hit.id for hit in without]


async def test_scores_by_meaning_say_how_near_it_is(
    index: MemoryIndex, embedder: FakeEmbedder
) -> None:
    asked = "nothing of it at all"
    query = (await embedder.embed([asked]))[0]
    best, *rest = await search(index, embedder, SearchRequest(asked, mode="meaning"))
    (entry,) = await index.get([best.id])
    assert entry.vector is not None
    assert best.score == pytest.approx(float(query @ entry.vector), abs=1e-5)
    assert all(best.score >= hit.score > 0 for hit in rest)
    boosts = {"text": 0.0}  # so that no word is found
    unheard = await search(index, embedder, SearchRequest(asked, boosts=boosts))
    assert [hit.score for hit in unheard] == sorted((h.score for h in unheard), reverse=True)
    assert 0 < unheard[0].score <= best.score + 1e-6
