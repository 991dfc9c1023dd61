"""Recordings in a folder: nothing outside it, whatever links and events say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from promptuary.adapters.clip_stores.folder import FolderClipStore, connect
from promptuary.domain.errors import Misconfigured, NotFound
from promptuary.testing.clip_store import (
    AN_HOUR,
    BARE,
    BODY,
    GONE,
    HERE,
    PICTURE,
    ClipStoreContract,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "clips"
    made.mkdir()
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    for event in (HERE, BARE):
        (made / f"{event.id}.mp4").write_bytes(BODY)
    (made / f"{HERE.id}.jpg").write_bytes(PICTURE)
    return made


class TestFolderClipStore(ClipStoreContract):
    @pytest.fixture
    def store(self, folder: Path) -> FolderClipStore:
        return connect(f"folder:{folder}")


@pytest.mark.anyio
async def test_the_path_that_an_event_names_comes_first(folder: Path) -> None:
    (folder / "gate").mkdir()
    (folder / "gate" / "one.webm").write_bytes(b"one")
    store = connect(f"folder:{folder}")
    (found,) = await store.find([replace(GONE, clip="/gate/one.webm")], AN_HOUR)
    assert found is not None
    assert (found.kind, found.bytes) == ("video/webm", 3)


@pytest.mark.anyio
async def test_a_link_that_leads_out_of_the_folder_leads_nowhere(folder: Path) -> None:
    (folder / "out.mp4").symlink_to(folder.parent / "secret.mp4")
    (folder / "notes.txt").write_text("secret")
    store = connect(f"folder:{folder}")
    for clip in ("out.mp4", "notes.txt", f"{HERE.id}.jpg"):
        assert await store.find([replace(GONE, clip=clip)], AN_HOUR) == [None]
        with pytest.raises(NotFound):
            async with store.read(replace(GONE, clip=clip)):
                pass


@pytest.mark.anyio
async def test_a_piece_is_exactly_that_piece(folder: Path) -> None:
    store = connect(f"folder:{folder}")
    async with store.read(HERE, first=10, last=19) as footage:
        assert b"".join([each async for each in footage.chunks]) == BODY[10:20]
        assert (footage.total, footage.first, footage.last) == (len(BODY), 10, 19)
    async with store.read(HERE, first=len(BODY)) as footage:
        assert footage.first == 0


def test_a_folder_is_named() -> None:
    with pytest.raises(Misconfigured):
        connect("folder:")
