from pathlib import Path

import pytest

from engines.indexes import opener
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.slow


class InAFolder:
    @pytest.fixture
    def connect(self, quick_path: Path) -> Connect:
        return opener(f"chroma:{quick_path / 'folder'}")


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
    pass
