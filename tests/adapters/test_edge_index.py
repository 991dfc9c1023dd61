from pathlib import Path

import pytest

from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    async def open_it(space: Space) -> Index:
        return await open_index(f"edge:{tmp_path / 'index'}", space=space)

    return open_it


class TestEdgeIndex(IndexContract):
    pass


class TestEdgeIndexSearch(IndexSearchContract):
    pass
