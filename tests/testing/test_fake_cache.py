from typing import ClassVar

import pytest

from promptuary.domain.errors import Unavailable
from promptuary.testing.cache import CacheContract
from promptuary.testing.fakes.cache import FakeCache


class TestFakeCache(CacheContract):
    gaps: ClassVar[dict[str, str]] = {
        "test_nothing_outlives_its_time": "it knows no time",
        "test_a_counter_counts_and_its_time_starts_once": "it knows no time",
    }

    @pytest.fixture
    def cache(self) -> FakeCache:
        return FakeCache()


@pytest.mark.anyio
async def test_while_it_is_away_it_is_unavailable() -> None:
    cache = FakeCache()
    cache.away = True
    with pytest.raises(Unavailable):
        await cache.get_many(["a"])
