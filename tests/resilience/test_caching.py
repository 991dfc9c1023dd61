import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary.domain.errors import BadReply
from promptuary.resilience.caching import CachedEmbedder, CacheUse
from promptuary.resilience.recalling import Recent
from promptuary.testing.embedder import EmbedderContract
from promptuary.testing.fakes.cache import FakeCache
from promptuary.testing.fakes.embedder import FakeEmbedder


class TestCachedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(FakeEmbedder(), FakeCache())


class TestCachedEmbedderWithoutItsCache(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        cache = FakeCache()
        cache.away = True
        return CachedEmbedder(FakeEmbedder(), cache)


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()


@pytest.fixture
def fake() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def cache() -> FakeCache:
    return FakeCache()


@pytest.mark.anyio
async def test_a_text_is_embedded_once(fake: FakeEmbedder, cache: FakeCache) -> None:
    embedder = CachedEmbedder(fake, cache)
    first = await embedder.embed(["a", "b", "a"])
    again = await embedder.embed(["b", "c", "a"])
    assert fake.asked == [("a", "b"), ("c",)]
    np.testing.assert_array_equal(first[[1, 0]], again[[0, 2]])


@pytest.mark.anyio
async def test_queries_and_documents_are_kept_apart(fake: FakeEmbedder, cache: FakeCache) -> None:
    embedder = CachedEmbedder(fake, cache)
    await embedder.embed(["a"])
    await embedder.embed(["a"], purpose="query")
    assert fake.asked == [("a",), ("a",)]
    assert all(key.startswith("embedding:fake/16:") for key in cache.items)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "damaged",
    [b"", b"short", bytes(65), b"\xff" * 64, b"\1\0\x80\x7f" * 16, b"\0\0\x10A" * 16],
)
async def test_what_is_no_vector_of_the_space_is_computed_again(
    fake: FakeEmbedder, cache: FakeCache, damaged: bytes
) -> None:
    uses: list[CacheUse] = []
    embedder = CachedEmbedder(fake, cache, report=uses.append)
    expected = await embedder.embed(["a"])
    cache.items = dict.fromkeys(cache.items, damaged)
    np.testing.assert_array_equal(await embedder.embed(["a"]), expected)
    assert uses[-1] == CacheUse(hits=0, misses=1, damaged=1, reached=True)


@pytest.mark.anyio
async def test_a_cache_that_goes_away_is_noticed_and_harmless(
    fake: FakeEmbedder, cache: FakeCache
) -> None:
    uses: list[CacheUse] = []
    embedder = CachedEmbedder(fake, cache, report=uses.append)
    for cache.away in (False, True, False):
        await embedder.embed(["a"])
    assert [(use.hits, use.reached) for use in uses] == [(0, True), (0, False), (1, True)]


@pytest.mark.anyio
async def test_closing_it_closes_the_embedder(fake: FakeEmbedder, cache: FakeCache) -> None:
    await CachedEmbedder(fake, cache).aclose()
    assert fake.closed == 1


@pytest.mark.anyio
async def test_what_a_far_cache_knows_comes_near(fake: FakeEmbedder, cache: FakeCache) -> None:
    near = FakeCache()
    await CachedEmbedder(fake, cache).embed(["a"])
    await CachedEmbedder(fake, near, cache).embed(["a", "b"])
    await CachedEmbedder(fake, near).embed(["a", "b"])
    assert fake.asked == [("a",), ("b",)]
    assert near.items == cache.items


@pytest.mark.anyio
async def test_a_row_that_is_not_the_texts_is_found_by_verifying(
    fake: FakeEmbedder, cache: FakeCache
) -> None:
    uses: list[CacheUse] = []
    embedder = CachedEmbedder(fake, cache, verify=1, report=uses.append)
    right = await embedder.embed(["a", "b"])
    one, other = cache.items
    cache.items[one], cache.items[other] = cache.items[other], cache.items[one]
    np.testing.assert_array_equal(await embedder.embed(["a", "b"]), right)
    assert uses[-1].damaged == 2


@pytest.mark.slow
@pytest.mark.anyio
@given(batches=st.lists(st.lists(st.sampled_from("abcdefgh "), max_size=9), max_size=9))
@settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])
async def test_partial_hits_land_where_they_belong(batches: list[list[str]]) -> None:
    plain = FakeEmbedder()
    cached = CachedEmbedder(FakeEmbedder(), FakeCache(), recent_bytes=1_000)
    for texts in batches:
        np.testing.assert_array_equal(await cached.embed(texts), await plain.embed(texts))


def test_this_process_remembers_within_its_room() -> None:
    recent = Recent(room=2_000)
    for n in range(100):
        recent.keep({f"text {n}": np.ones(16, dtype=np.float32)}, "document")
    assert recent.used <= 2_000
    assert set(recent.find(["text 0", "text 99"], "document")) == {"text 99"}


def test_what_is_used_stays() -> None:
    recent = Recent(room=2_000)
    for n in range(100):
        recent.keep({f"text {n}": np.ones(16, dtype=np.float32)}, "document")
        recent.find(["text 0"], "document")
    assert "text 0" in recent.find(["text 0"], "document")
    assert recent.find(["text 0"], "query") == {}


class _Varying(FakeEmbedder):
    invariant = False

    def embed_now(self, texts: list[str], *, purpose: str = "document") -> object:
        raise NotImplementedError


@pytest.mark.anyio
async def test_rows_that_depend_on_their_batch_are_never_kept(cache: FakeCache) -> None:
    varying = _Varying()
    embedder = CachedEmbedder(varying, cache, recent_bytes=1_000_000)
    for _ in range(2):
        await embedder.embed(["a"])
    assert varying.asked == [("a",), ("a",)]
    assert cache.items == {}


@pytest.mark.anyio
async def test_an_embedder_that_gives_too_few_rows_is_caught(cache: FakeCache) -> None:
    class Short(FakeEmbedder):
        async def embed(self, texts: list[str], *, purpose: str = "document") -> object:
            return (await super().embed(texts))[:-1]

    with pytest.raises(BadReply, match="asked for 2 rows"):
        await CachedEmbedder(Short(), cache).embed(["a", "b"])
    assert cache.items == {}


class _Contextual(FakeEmbedder):
    def token_states(self, texts: list[str], *, purpose: str = "document") -> object:
        raise NotImplementedError


def test_what_reads_words_in_their_context_is_handed_through(cache: FakeCache) -> None:
    reading = _Contextual()
    assert CachedEmbedder(reading, cache).contextual is reading
    assert CachedEmbedder(FakeEmbedder(), cache).contextual is None
