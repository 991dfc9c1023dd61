import pytest

from promptuary.domain.errors import Unavailable
from promptuary.domain.threads import OlderThread
from promptuary.testing.fakes.thread_archive import FakeThreadArchive
from promptuary.testing.thread_archive import EMPTY, ONE, ThreadArchiveContract


class TestFakeThreadArchive(ThreadArchiveContract):
    @pytest.fixture
    def archive(self) -> FakeThreadArchive:
        kept = [
            OlderThread(row["id"], row, row["user_id"], tuple(said)) for row, said in (ONE, EMPTY)
        ]
        return FakeThreadArchive(kept)


@pytest.mark.anyio
async def test_it_can_be_away() -> None:
    archive = FakeThreadArchive([OlderThread("a", None)])
    archive.away = True
    with pytest.raises(Unavailable):
        await anext(archive.threads())
