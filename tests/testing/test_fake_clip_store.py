import pytest

from promptuary.domain.errors import Unavailable
from promptuary.testing.clip_store import AN_HOUR, BARE, BODY, HERE, PICTURE, ClipStoreContract
from promptuary.testing.fakes.clip_store import FakeClipStore


class TestFakeClipStore(ClipStoreContract):
    @pytest.fixture
    def store(self) -> FakeClipStore:
        return FakeClipStore({HERE.id: BODY, BARE.id: BODY}, {HERE.id: PICTURE})


@pytest.mark.anyio
async def test_it_can_be_away() -> None:
    store = FakeClipStore({})
    store.away = True
    with pytest.raises(Unavailable):
        await store.find([HERE], AN_HOUR)
