from datetime import timedelta

import pytest

from promptuary.domain.errors import Unavailable
from promptuary.ports.cache import Cache
from promptuary.testing.cache import CacheContract
from promptuary.testing.fakes.cache import FakeCache


class TestFakeCache(CacheContract):
    @pytest.fixture
    def cache(self) -> FakeCache:
        return FakeCache()

    async def pass_time(self, cache: Cache, time: timedelta) -> None:
        assert isinstance(cache, FakeCache)
        cache.seconds += time.total_seconds()


@pytest.mark.anyio
async def test_while_it_is_away_it_is_unavailable() -> None:
    cache = FakeCache()
    cache.away = True
    with pytest.raises(Unavailable):
        await cache.get_many(["a"])
