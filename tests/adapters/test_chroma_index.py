from pathlib import Path

import pytest

import servers
from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.slow


def opener(url: str) -> Connect:
    async def open_it(space: Space) -> Index:
        return await open_index(url, space=space)

    return open_it


class InAFolder:
    @pytest.fixture
    def connect(self, tmp_path: Path) -> Connect:
        return opener(f"chroma:{tmp_path / 'folder'}")


class OnAServer:
    @pytest.fixture
    def connect(self, chroma_url: str) -> Connect:
        return opener(chroma_url)


class TestChromaFolder(InAFolder, IndexContract):
    pass


class TestChromaFolderSearch(InAFolder, IndexSearchContract):
    pass


class TestChromaServer(OnAServer, IndexContract):
    pass


class TestChromaServerSearch(OnAServer, IndexSearchContract):
    pass


class TestChromaOnItsServer(OnAServer, IndexServerContract):
    @pytest.fixture
    def engine(self, chroma_server: servers.Server) -> servers.Server:
        return chroma_server
