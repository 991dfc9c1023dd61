from collections.abc import Iterator

import pytest

from promptuary.testing.fakes.chat_upstream import FakeChatUpstream
from promptuary.testing.fakes.upstream import FakeUpstream


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeUpstream]:
    """An endpoint of the OpenAI shape."""
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def chatting() -> Iterator[FakeChatUpstream]:
    """An endpoint that chats in every protocol."""
    with FakeChatUpstream() as upstream:
        yield upstream
