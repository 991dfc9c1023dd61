"""Files as they were: kept with their source, gone with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from knowledge.reading_here import HereReader, keeping, knowledge, write
from promptuary.domain.documents import GivenText, Original, Source
from promptuary.domain.errors import NotFound, Unavailable
from promptuary.domain.loading import Unread
from promptuary.knowledge.adding import add, add_file
from promptuary.knowledge.keeping import Knowledge, remove
from promptuary.knowledge.originals import PATIENCE, Originals
from promptuary.knowledge.sync import sync
from promptuary.testing.fakes.blob_store import FakeBlobStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> FakeBlobStore:
    return FakeBlobStore()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    write(folder, a__md="# One\n\nfirst", b__csv="a,b\n1,2\n")
    return folder


@pytest.fixture
def parts(store: FakeBlobStore, tmp_path: Path) -> Knowledge:
    return keeping(knowledge(), store, tmp_path / "drafts")


async def sources(parts: Knowledge) -> dict[str, Source]:
    async with parts.record.read() as tx:
        return {each.path: each for each in (await tx.documents.list()).items}


async def fetched(parts: Knowledge, id: str, to: Path) -> tuple[Original, bytes]:
    assert parts.originals
    original = await parts.originals.fetch(id, to / "fetched")
    return original, (to / "fetched").read_bytes()


async def test_the_original_is_byte_for_byte_what_was_read(
    parts: Knowledge, docs: Path, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    source = (await sources(parts))["b.csv"]
    original, data = await fetched(parts, source.id, tmp_path)
    assert data == b"a,b\n1,2\n"
    assert original.digest == source.digest == sha256(data).hexdigest()
    assert (original.size, original.source) == (8, "docs/b.csv")
    async with parts.record.read() as tx:
        (document,) = await tx.documents.within(source.id)
    assert (await fetched(parts, document.id, tmp_path))[1] == data


async def test_a_blob_is_named_by_the_hash_of_its_content_and_nothing_else_stays(
    parts: Knowledge, docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    assert len(store.files) == 2
    for name, data in store.files.items():
        digest = sha256(data).hexdigest()
        assert name.startswith(f"{digest[:2]}/{digest}-")
    assert list((tmp_path / "drafts").iterdir()) == []


async def test_a_file_that_changed_has_one_original_the_new_one(
    parts: Knowledge, docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    write(docs, a__md="# One\n\nsecond, longer")
    await sync(parts, docs, "default")
    assert sorted(store.files.values()) == [b"# One\n\nsecond, longer", b"a,b\n1,2\n"]
    source = (await sources(parts))["a.md"]
    assert (await fetched(parts, source.id, tmp_path))[1] == b"# One\n\nsecond, longer"


async def test_what_is_deleted_is_deleted_from_the_store_too(
    parts: Knowledge, docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    known = await sources(parts)
    (docs / "a.md").unlink()
    await sync(parts, docs, "default")
    assert list(store.files.values()) == [b"a,b\n1,2\n"]
    await remove(parts, [known["b.csv"].id])
    assert store.files == {}
    with pytest.raises(NotFound):
        await fetched(parts, known["b.csv"].id, tmp_path)


async def test_the_same_content_elsewhere_keeps_its_own_original(
    parts: Knowledge, docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    await sync(parts, docs, "other")
    assert len(store.files) == 4
    (docs / "a.md").unlink()
    await sync(parts, docs, "default")
    assert sorted(store.files.values()) == [b"# One\n\nfirst", b"a,b\n1,2\n", b"a,b\n1,2\n"]


async def test_a_file_that_is_only_touched_keeps_its_original(
    parts: Knowledge, docs: Path, store: FakeBlobStore
) -> None:
    await sync(parts, docs, "default")
    before = dict(store.files)
    (docs / "a.md").touch()
    report = await sync(parts, docs, "default")
    assert (report.counts, store.files) == ({"same": 1}, before)


async def test_a_file_that_cannot_be_read_any_more_loses_its_original(
    store: FakeBlobStore, docs: Path, tmp_path: Path
) -> None:
    parts = keeping(knowledge(reader := HereReader()), store, tmp_path / "drafts")
    await sync(parts, docs, "default")
    reader.trouble["a.md"] = Unread("", "INVALID_INPUT", "it is damaged")
    write(docs, a__md="# One\n\nsecond, longer")
    await sync(parts, docs, "default")
    assert list(store.files.values()) == [b"a,b\n1,2\n"]


async def test_a_file_that_changes_under_the_hands_has_no_wrong_original(
    store: FakeBlobStore, docs: Path, tmp_path: Path
) -> None:
    class Late(HereReader):
        async def read(self, path, *, known=None):
            read = await super().read(path, known=known)
            path.write_text("something else")
            return read

    parts = keeping(knowledge(Late()), store, tmp_path / "drafts")
    await sync(parts, docs, "default")
    assert store.files == {}
    await sync(keeping(replace(parts, reader=HereReader()), store, tmp_path), docs, "default")
    assert set(store.files.values()) == {b"something else"}


async def test_deleting_goes_on_where_a_store_that_was_away_left_off(
    parts: Knowledge, docs: Path, store: FakeBlobStore
) -> None:
    await sync(parts, docs, "default")
    known = await sources(parts)
    store.away = True
    await remove(parts, [each.id for each in known.values()])
    assert len(store.files) == 2
    store.away = False
    assert parts.originals
    await parts.originals.sweep()
    assert store.files == {}


async def test_nothing_is_written_while_the_store_is_away_and_all_of_it_later(
    parts: Knowledge, docs: Path, store: FakeBlobStore
) -> None:
    store.away = True
    with pytest.raises(Unavailable):
        await sync(parts, docs, "default")
    assert await sources(parts) == {}
    store.away = False
    report = await sync(parts, docs, "default")
    assert (report.counts, len(store.files)) == ({"new": 2}, 2)


async def test_what_a_killed_writer_left_is_removed_after_its_time(
    parts: Knowledge, store: FakeBlobStore
) -> None:
    assert parts.originals
    draft = await parts.originals.draft(b"left", sha256(b"left").hexdigest())
    assert draft
    await parts.originals.put([draft])
    await parts.originals.sweep()
    assert list(store.files.values()) == [b"left"]
    await parts.clock.advance((PATIENCE + timedelta(seconds=1)).total_seconds())  # type: ignore[attr-defined]  # a clock by hand
    await parts.originals.sweep()
    assert store.files == {}


async def test_what_was_altered_in_the_store_is_not_given_out(
    parts: Knowledge, docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    await sync(parts, docs, "default")
    for name in store.files:
        store.files[name] += b" and more"
    with pytest.raises(NotFound):
        await fetched(parts, (await sources(parts))["a.md"].id, tmp_path)
    assert not (tmp_path / "fetched").exists()


async def test_a_file_that_is_added_is_kept_and_a_text_of_its_name_takes_its_place(
    parts: Knowledge, store: FakeBlobStore, tmp_path: Path
) -> None:
    write(tmp_path, note__md="# Note\n\nabout it")
    added = await add_file(parts, tmp_path / "note.md", "default", name="note")
    assert (await fetched(parts, added.source.id, tmp_path))[1] == b"# Note\n\nabout it"
    await add(parts, [GivenText("note", "from a program")], "default")
    assert store.files == {}


async def test_files_read_before_they_were_kept_are_read_again(
    docs: Path, store: FakeBlobStore, tmp_path: Path
) -> None:
    parts = knowledge()
    await sync(parts, docs, "default")
    report = await sync(keeping(parts, store, tmp_path / "drafts"), docs, "default")
    assert (report.counts, report.passages, len(store.files)) == ({"changed": 2}, 0, 2)


async def test_the_room_of_somebody_who_was_killed_is_emptied(
    store: FakeBlobStore, tmp_path: Path
) -> None:
    room = tmp_path / "drafts"
    write(room, left="over")
    parts = knowledge()
    await Originals(parts.record, store, parts.clock, room).tidy()
    assert not room.exists()
