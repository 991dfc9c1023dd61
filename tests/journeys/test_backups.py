"""A home out into a file and back, and a collection from home to home."""

from __future__ import annotations

import resource
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.adapters.clocks.system import SystemClock
from promptuary.backups import FILES, MANIFEST, MIMETYPE, backup, restore
from promptuary.domain.answers import Answer
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import (
    Busy,
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    Unsupported,
)
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PARCELS = GivenText("parcels.md", "Parcels are kept for ten days.", "Parcels")
CLOCK = SystemClock()


def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    async with await Promptuary.open(tmp_path / "home") as opened:
        await opened.add_documents([PARCELS])
        await opened.ingest(["What rhymes with orange?"])
    return tmp_path / "home"


async def answered(home: Path) -> bool:
    async with await Promptuary.open(home) as opened:
        return isinstance(await opened.ask("How long are parcels kept?"), Answer)


async def test_a_backup_taken_while_somebody_works_is_restored_elsewhere(home, tmp_path):
    async with await Promptuary.open(home):
        said = await backup(settings(home), CLOCK, tmp_path / "backup.zip")
    assert set(said.files) <= set(FILES)
    there = tmp_path / "there"
    assert await restore(settings(there), CLOCK, tmp_path / "backup.zip") == said
    assert await answered(there)
    async with await Promptuary.open(there) as opened:
        assert (await opened.prompts()).total == 1
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


async def test_a_record_that_is_there_stays_unless_it_is_moved_aside(home, tmp_path):
    await backup(settings(home), CLOCK, tmp_path / "backup.zip")
    async with await Promptuary.open(home) as opened:
        await opened.add_documents([GivenText("tents.md", "Tents are lent for two weeks.")])
    with pytest.raises(Conflict, match="--over"):
        await restore(settings(home), CLOCK, tmp_path / "backup.zip")
    await restore(settings(home), CLOCK, tmp_path / "backup.zip", over=True)
    async with await Promptuary.open(home) as opened:
        assert (await opened.holdings()).documents == 1
    (aside,) = home.glob("before-restore-*")
    assert (aside / "record.db").is_file()
    assert await answered(home)


async def test_a_home_in_use_is_not_restored_into(home, tmp_path):
    await backup(settings(home), CLOCK, tmp_path / "backup.zip")
    async with await Promptuary.open(home):
        with pytest.raises(Busy):
            await restore(settings(home), CLOCK, tmp_path / "backup.zip", over=True)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that is full; what is larger is refused."""
    was, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (was, most))


async def test_a_full_disk_leaves_nothing_half_restored(home, tmp_path):
    file, there = tmp_path / "backup.zip", tmp_path / "there"
    await backup(settings(home), CLOCK, file)
    with files_of_at_most(10_000), pytest.raises(StorageFull, match="no room left in"):
        await restore(settings(there), CLOCK, file)
    left = [path.name for path in there.iterdir()]
    await restore(settings(there), CLOCK, file)
    assert left == ["lock"]
    assert await answered(there)


async def test_a_disk_that_fills_up_in_the_middle_of_a_restore_leaves_the_home_as_it_was(
    home, tmp_path
):
    file, large = tmp_path / "backup.zip", tmp_path / "large.html"
    large.write_text(f"<p>Tents are lent for two weeks.</p><!-- {'x' * 4_000_000} -->")
    async with await Promptuary.open(home) as opened:
        await opened.add_file(large)
    said = await backup(settings(home), CLOCK, file)
    with files_of_at_most(3_000_000), pytest.raises(StorageFull, match="nothing was restored"):
        await restore(settings(home), CLOCK, file, over=True)
    left = [path.name for path in home.iterdir() if path.name.startswith((".", "before"))]
    assert said.bytes < 3_000_000 < said.original_bytes
    assert left == []
    assert await backup(settings(home), CLOCK, tmp_path / "again.zip", originals=True)
    assert await answered(home)


def damaged(path: Path, name: str, body: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        held = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = MIMETYPE
        for each, was in {**held, name: body}.items():
            archive.writestr(each, was)


@pytest.mark.parametrize(
    ("name", "body"),
    [("record.db", b"no record"), ("../evil", b"x"), (MANIFEST, b"{}"), (MANIFEST, b"[")],
)
async def test_a_damaged_backup_changes_nothing(home, tmp_path, name, body):
    file = tmp_path / "backup.zip"
    await backup(settings(home), CLOCK, file)
    damaged(file, name, body)
    there = tmp_path / "there"
    with pytest.raises(InvalidInput):
        await restore(settings(there), CLOCK, file)
    assert [path.name for path in there.iterdir()] == ["lock"]


async def test_a_backup_that_is_cut_off_is_refused(home, tmp_path):
    file = tmp_path / "backup.zip"
    await backup(settings(home), CLOCK, file)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(InvalidInput):
        await restore(settings(tmp_path / "there"), CLOCK, file)


async def test_what_is_not_there_is_not_found_and_postgresql_has_tools_of_its_own(tmp_path):
    with pytest.raises(NotFound):
        await backup(settings(tmp_path), CLOCK, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()
    with pytest.raises(NotFound):
        await restore(settings(tmp_path / "there"), CLOCK, tmp_path / "nowhere.zip")
    elsewhere = Settings(home=tmp_path, database_url="postgresql://user@host/name")
    with pytest.raises(Unsupported, match="pg_dump"):
        await backup(elsewhere, CLOCK, tmp_path / "backup.zip")


async def test_a_collection_goes_from_home_to_home_through_a_store_of_files(home, tmp_path):
    place = f"folder:{tmp_path}/shelf/parcels.zip"
    async with await Promptuary.open(home) as opened:
        said = await opened.export_collection(place)
    async with await Promptuary.open(tmp_path / "there") as opened:
        taken = await opened.import_collection(place, collection="handbook")
        assert (taken.archive, taken.collection, taken.passages) == (said, "handbook", 1)
        answer = await opened.ask("How long are parcels kept?", collection="handbook")
        assert isinstance(answer, Answer)
        assert answer.citations[0].source == "parcels.md"
        for wrong in (f"{tmp_path}", f"{tmp_path}/no/such/folder.zip", "s3://bucket"):
            with pytest.raises(InvalidInput):
                await opened.export_collection(wrong)
        with pytest.raises(NotFound):
            await opened.import_collection(tmp_path / "nowhere.zip")


async def test_a_record_is_a_whole_database_in_the_backup(home, tmp_path):
    await backup(settings(home), CLOCK, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        archive.extract("record.db", tmp_path)
    opened = sqlite3.connect(tmp_path / "record.db")
    assert opened.execute("SELECT count(*) FROM passages").fetchone() == (1,)
    opened.close()


@pytest.fixture
async def filed(home: Path, tmp_path: Path) -> Path:
    """That home with two files of the same bytes and a third."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in {"a.md": "# Tents", "b.md": "# Tents", "c.md": "# Ropes"}.items():
        (docs / name).write_text(text)
    async with await Promptuary.open(home) as opened:
        await opened.sync(docs)
    return home


def originals_of(home: Path) -> dict[str, bytes]:
    folder = home / "originals"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


async def test_originals_come_back_and_what_was_there_is_set_aside(filed, tmp_path):
    said = await backup(settings(filed), CLOCK, tmp_path / "backup.zip")
    assert (said.originals, said.original_bytes, said.missing) == (3, 21, 0)
    kept = originals_of(filed)
    assert sorted(kept.values()) == [b"# Ropes", b"# Tents", b"# Tents"]
    await restore(settings(tmp_path / "there"), CLOCK, tmp_path / "backup.zip")
    assert originals_of(tmp_path / "there") == kept
    (filed / "originals" / "old").write_text("of what was there")
    await restore(settings(filed), CLOCK, tmp_path / "backup.zip", over=True)
    assert originals_of(filed) == kept
    (aside,) = filed.glob("before-restore-*")
    assert (aside / "originals" / "old").is_file()


async def test_an_original_that_is_gone_or_altered_is_counted(filed, tmp_path):
    first, second, _ = sorted((filed / "originals").rglob("*-*"))
    first.unlink()
    second.write_text("altered")
    said = await backup(settings(filed), CLOCK, tmp_path / "backup.zip")
    assert (said.originals, said.missing) == (1, 2)
    assert await restore(settings(tmp_path / "there"), CLOCK, tmp_path / "backup.zip") == said


async def test_originals_elsewhere_stay_there_unless_they_are_asked_for(filed, tmp_path):
    elsewhere = Settings(home=filed, originals="none")
    said = await backup(elsewhere, CLOCK, tmp_path / "backup.zip")
    assert (said.originals, said.missing) == (0, 0)
    without = await backup(settings(filed), CLOCK, tmp_path / "backup.zip", originals=False)
    assert without.originals == 0


async def test_an_original_that_was_altered_in_the_backup_is_refused(filed, tmp_path):
    file = tmp_path / "backup.zip"
    await backup(settings(filed), CLOCK, file)
    with zipfile.ZipFile(file) as archive:
        name = next(each for each in archive.namelist() if each.startswith("originals/"))
    damaged(file, name, b"# Other")
    with pytest.raises(InvalidInput, match="not the file"):
        await restore(settings(tmp_path / "there"), CLOCK, file)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["lock"]
