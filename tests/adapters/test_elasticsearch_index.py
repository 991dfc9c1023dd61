from collections.abc import Iterator

import pytest

from engines.indexes import emptied, opener, place_on
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def place(elasticsearch_url: str) -> Iterator[str]:
    yield from place_on("elasticsearch", elasticsearch_url)


@pytest.fixture
def connect(place: str) -> Iterator[Connect]:
    yield opener(place)
    emptied(place)


class TestElasticsearchIndex(IndexContract):
    pass


class TestElasticsearchIndexSearch(IndexSearchContract):
    pass


class TestElasticsearchIndexOnItsServer(IndexServerContract):
    pass
