from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

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


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder in memory where there is such a thing, for what waits for the disk at each entry."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
