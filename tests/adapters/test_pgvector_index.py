import pytest

from engines.indexes import opener
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.slow


@pytest.fixture
def connect(pgvector_url: str) -> Connect:
    return opener(pgvector_url)


class TestPgvectorIndex(IndexContract):
    pass


class TestPgvectorIndexSearch(IndexSearchContract):
    pass


class TestPgvectorIndexOnItsServer(IndexServerContract):
    pass
