from pathlib import Path

import pytest

from promptuary.domain.errors import Unavailable
from promptuary.testing.blob_store import BlobStoreContract
from promptuary.testing.fakes.blob_store import FakeBlobStore


class TestFakeBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self) -> FakeBlobStore:
        return FakeBlobStore()


@pytest.mark.anyio
async def test_it_can_be_away(tmp_path: Path) -> None:
    store = FakeBlobStore()
    store.away = True
    with pytest.raises(Unavailable):
        await store.size("a")
