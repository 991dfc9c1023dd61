import pytest

import servers
from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerAwayContract, IndexServerContract

pytestmark = pytest.mark.slow


@pytest.fixture
def connect(pgvector_url: str) -> Connect:
    async def open_it(space: Space) -> Index:
        return await open_index(pgvector_url, space=space)

    return open_it


class TestPgvectorIndex(IndexContract):
    pass


class TestPgvectorIndexSearch(IndexSearchContract):
    pass


class TestPgvectorIndexOnItsServer(IndexServerContract, IndexServerAwayContract):
    @pytest.fixture
    def engine(self, postgresql_server: servers.Server) -> servers.Server:
        return postgresql_server
