from collections.abc import Iterator

import pytest

from engines.indexes import opener
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect(elasticsearch_url: str) -> Iterator[Connect]:
    yield from opener("elasticsearch", elasticsearch_url)


class TestElasticsearchIndex(IndexContract):
    pass


class TestElasticsearchIndexSearch(IndexSearchContract):
    pass
