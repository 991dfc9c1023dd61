from collections.abc import Iterator

import pytest

from engines import weaviate
from engines.indexes import opener
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract
from servers import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def connect(weaviate_server: Server) -> Iterator[Connect]:
    yield opener(f"{weaviate.url(weaviate_server.port)}/Contract?grpc={weaviate_server.port + 1}")
    weaviate.emptied(weaviate_server.port, "Contract")


class TestWeaviateIndex(IndexContract):
    pass


class TestWeaviateIndexSearch(IndexSearchContract):
    pass


class TestWeaviateIndexOnItsServer(IndexServerContract):
    pass
