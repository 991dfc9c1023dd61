from typing import ClassVar

import pytest

from promptuary.domain.errors import Unavailable
from promptuary.domain.vectors import Space
from promptuary.ports.index import Index
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.index import SPACE, Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect() -> Connect:
    async def open_it(space: Space) -> Index:
        return FakeIndex(space)

    return open_it


class TestFakeIndex(IndexContract):
    gaps: ClassVar[dict[str, str]] = {
        "test_what_was_put_is_there_when_opened_again": "it lives as long as the test",
        "test_another_space_is_refused_on_opening": "each is an index of its own",
    }


class TestFakeIndexSearch(IndexSearchContract):
    pass


@pytest.mark.anyio
async def test_while_it_is_away_it_only_answers_for_its_health() -> None:
    index = FakeIndex(SPACE)
    index.away = True
    with pytest.raises(Unavailable):
        await index.count()
    assert (await index.health()).entries == 0
