from collections.abc import Iterator

import pytest

from promptuary.testing.fakes.upstream import FakeUpstream


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeUpstream]:
    """An endpoint of the OpenAI shape."""
    with FakeUpstream() as upstream:
        yield upstream
