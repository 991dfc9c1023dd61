from typing import ClassVar

import pytest

from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.contract import Gap
from promptuary.testing.index import Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract


@pytest.fixture
def connect() -> Connect:
    async def open_it(space: Space) -> Index:
        return await open_index("memory:", space=space)

    return open_it


class TestMemoryIndex(IndexContract):
    gaps: ClassVar[dict[str, Gap]] = {
        "test_what_was_put_is_there_when_opened_again": Gap(
            "it lives as long as the process", raises=AssertionError
        ),
        "test_another_space_is_refused_on_opening": Gap(
            "each connection is an index of its own", raises=pytest.fail.Exception
        ),
    }


class TestMemoryIndexSearch(IndexSearchContract):
    pass
