from typing import ClassVar

import pytest

from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect() -> Connect:
    async def open_it(space: Space) -> Index:
        return await open_index("memory:", space=space)

    return open_it


class TestMemoryIndex(IndexContract):
    gaps: ClassVar[dict[str, str]] = {
        "test_what_was_put_is_there_when_opened_again": "it lives as long as the process",
        "test_another_space_is_refused_on_opening": "each connection is an index of its own",
    }


class TestMemoryIndexSearch(IndexSearchContract):
    pass
