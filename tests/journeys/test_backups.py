"""A home out into a file and back, and a collection from home to home."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.adapters.clocks.system import SystemClock
from promptuary.backups import FILES, MANIFEST, MIMETYPE, backup, restore
from promptuary.domain.answers import Answer
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import Busy, Conflict, InvalidInput, NotFound, Unsupported
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
