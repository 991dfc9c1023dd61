import numpy as np
import pytest

from promptuary.resilience.caching import CachedEmbedder, CacheUse
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
