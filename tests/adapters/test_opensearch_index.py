from collections.abc import Iterator

import pytest

from engines.indexes import opener
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect(opensearch_url: str) -> Iterator[Connect]:
    yield from opener("opensearch", opensearch_url)


class TestOpenSearchIndex(IndexContract):
    pass


class TestOpenSearchIndexSearch(IndexSearchContract):
    pass
