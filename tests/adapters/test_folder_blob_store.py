from pathlib import Path

import pytest

from promptuary.adapters.blob_stores.folder import FolderBlobStore, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.testing.blob_store import BlobStoreContract


class TestFolderBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderBlobStore:
        return connect(f"folder:{tmp_path}/blobs")


@pytest.mark.anyio
async def test_what_is_half_written_is_no_blob(tmp_path: Path) -> None:
    store = connect(f"folder:{tmp_path}/blobs")
    await store.put("a", _written(tmp_path / "a"))
    (tmp_path / "blobs" / ".draft-1").write_text("half")
    with pytest.raises(FileNotFoundError):
        await store.put("a", tmp_path / "nowhere")
    assert await store.list() == ["a"]
    assert len(list((tmp_path / "blobs").iterdir())) == 2


@pytest.mark.anyio
async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file, not a folder")
    with pytest.raises(Unavailable):
        await connect(f"folder:{tmp_path}/blobs").put("a", _written(tmp_path / "a"))


def test_a_folder_is_named() -> None:
    with pytest.raises(Misconfigured):
        connect("folder:")


def _written(path: Path) -> Path:
    path.write_text("content")
    return path
