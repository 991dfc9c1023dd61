from collections.abc import Iterator

import pytest

from engines.indexes import emptied, opener, place_on
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def place(opensearch_url: str) -> Iterator[str]:
    yield from place_on("opensearch", opensearch_url)


@pytest.fixture
def connect(place: str) -> Iterator[Connect]:
    yield opener(place)
    emptied(place)


class TestOpenSearchIndex(IndexContract):
    pass


class TestOpenSearchIndexSearch(IndexSearchContract):
    pass


class TestOpenSearchIndexOnItsServer(IndexServerContract):
    pass
