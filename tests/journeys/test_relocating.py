"""The record moves to another database, whole and verified, and back."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from promptuary import IncomingPrompt, Promptuary
from promptuary.adapters.units_of_work._migrating import downgrade
from promptuary.adapters.units_of_work._sql import copying
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import Busy, Conflict, InvalidInput, Misconfigured, Unavailable
from promptuary.domain.reports import Progress
from promptuary.relocating import relocate
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ODD = "a NUL \x00, half a pair \ud800, \ufdd0 and the end"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "ROWS", 20)


async def fill(home: Path) -> None:
    """Something of most kinds."""
    async with await Promptuary.open(home) as opened:
        greetings = [f"Write a short birthday greeting for {name}." for name in "ABCDEFGHIJ"]
        await opened.ingest([*greetings, IncomingPrompt(ODD, metadata={"x": ODD, "n": 1.0})])
        await opened.add_documents([GivenText("parcels.md", "Parcels are kept for ten days.")])
        await opened.library.save("thanks", "Thank {{name}} warmly.")
        await opened.create_key("app", ["prompts:read"])
        seen = {"camera_id": "gate", "label": "person", "timestamp": "2026-01-05T10:00:00Z"}
        await opened.conversation.add_events([
            {**seen, "event_id": "e1", "description": "a man with a ladder"},
            {**seen, "event_id": "e2"},
        ])  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("filled") / "home"
    asyncio.run(fill(home))
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A home of the test's own."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


def rows_of(file: Path) -> dict[str, list[Any]]:
    """Every row of every table, read by SQLite itself; JSON as what it says."""
    with closing(sqlite3.connect(file)) as opened:
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [name for (name,) in opened.execute(listed)]
        return {
            name: sorted(map(repr, map(meant, opened.execute(f"SELECT * FROM {name}"))))
            for name in names
            if name != "leases" and not name.startswith("camera_event_words_")
        }


def meant(row: tuple[Any, ...]) -> list[Any]:
    return [
        json.dumps(json.loads(each), sort_keys=True)
        if isinstance(each, str) and each[:1] in {"{", "["}
        else each
        for each in row
    ]


async def test_a_record_goes_to_postgresql_and_back_and_is_the_same(
    home: Path, tmp_path: Path, empty_postgresql_url: str
) -> None:
    here = Settings(home=home)
    there = Settings(home=home, database_url=empty_postgresql_url)
    over = await relocate(here, empty_postgresql_url)
    assert over.clean
    assert over.copied == over.rows > 50
    back = await relocate(there, f"sqlite:///{tmp_path}/back.db")
    assert [(each.name, each.digest) for each in back.tables] == [
        (each.name, each.digest) for each in over.tables
    ]
    before, after = rows_of(home / "record.db"), rows_of(tmp_path / "back.db")
    assert after == before
    words = before.pop("camera_event_words")
    assert ["ladder" in each for each in words] == [True]
    assert len(before.pop("camera_event_counts")) == 2, "its quarter of an hour, and its day"
    assert sum(map(len, before.values())) == over.rows + 1, "and the revision"


async def test_a_home_goes_on_with_the_copy_as_if_nothing_had_happened(
    home: Path, empty_postgresql_url: str
) -> None:
    await relocate(Settings(home=home), empty_postgresql_url)
    moved = Settings(home=home, database_url=empty_postgresql_url)
    async with await Promptuary.open(settings=moved) as opened:
        assert (await opened.index_health()).state == "ok"
        (prompt,) = [each for each in (await opened.prompts()).items if each.text == ODD]
        assert prompt.metadata == {"x": ODD, "n": 1.0}
        report = await opened.ingest(["Write a short birthday greeting for Zoe.", ODD])
        assert report.accepted == 1
        assert (await opened.search("Zoe")).hits
        assert (await opened.verify_index()).clean


async def test_a_copy_goes_on_where_it_was_interrupted(home: Path, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/copy.db"

    def interrupt(progress: Progress) -> None:
        if progress.done > 40:
            raise Unavailable("the target went away")

    with pytest.raises(Unavailable):
        await relocate(Settings(home=home), target, progress=interrupt)
    rest = await relocate(Settings(home=home), target)
    assert rest.clean
    assert 0 < rest.copied < rest.rows
    assert rows_of(tmp_path / "copy.db") == rows_of(home / "record.db")


async def test_a_database_that_somebody_uses_is_left_alone(home: Path, tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path / "other") as other:
        await other.ingest(["What rhymes with orange?"])
    for _ in range(2):
        with pytest.raises(Conflict, match="not empty"):
            await relocate(Settings(home=home), f"sqlite:///{tmp_path}/other/record.db")


async def test_a_whole_copy_is_found_whole_again_until_somebody_uses_it(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    target = f"sqlite:///{file}"
    first = await relocate(Settings(home=home), target)
    again = await relocate(Settings(home=home), target)
    assert (again.clean, again.copied, again.tables) == (True, 0, first.tables)
    for used in ("UPDATE prompts SET content = 'x' WHERE seq = 3", "DELETE FROM api_keys"):
        with closing(sqlite3.connect(file)) as opened, opened:
            opened.execute(used)
        before = rows_of(file)
        with pytest.raises(Conflict, match="another record already"):
            await relocate(Settings(home=home), target)
        assert rows_of(file) == before


async def test_two_copies_are_not_mixed(home: Path, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/copy.db"

    def interrupt(progress: Progress) -> None:
        raise Busy("enough")

    with pytest.raises(Busy):
        await relocate(Settings(home=home), target, progress=interrupt)
    with pytest.raises(Conflict, match="unfinished copy"):
        await relocate(Settings(home=tmp_path / "another"), target)
    assert (await relocate(Settings(home=home), target)).clean


@pytest.mark.parametrize(
    ("damage", "table", "fault"),
    [
        ("DELETE FROM api_keys", "api_keys", "missing"),
        ("UPDATE prompts SET content = content || '!' WHERE seq = 3", "prompts", "value"),
        ("INSERT INTO replies (key, digest) VALUES ('x', 'y')", "replies", "extra"),
    ],
)
async def test_a_row_that_differs_is_found_and_named(
    damage: str, table: str, fault: str, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    done: list[int] = []

    def spoil(progress: Progress) -> None:
        done.append(progress.done)
        if progress.total == 2 * progress.done or (done and progress.done * 2 > progress.total):
            with closing(sqlite3.connect(file, timeout=30)) as opened, opened:
                opened.execute(damage.replace("INSERT", "INSERT OR IGNORE"))

    seen = await relocate(Settings(home=home), f"sqlite:///{file}", progress=spoil)
    wrong = {each.name: dict(each.faults) for each in seen.tables if each.faults}
    assert not seen.clean
    assert set(wrong) == {table}
    assert set(wrong[table]) == {fault}


@pytest.mark.parametrize("url", ["redis://localhost/0", "nowhere", "sqlite:///{home}/record.db"])
async def test_what_is_no_place_for_a_record_is_refused(
    url: str, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput):
        await relocate(Settings(home=home), url.format(home=home))


async def test_tables_of_another_version_are_refused(home: Path, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/copy.db"
    await relocate(Settings(home=home), target)
    await downgrade(target, "010_camera_pulses")
    with pytest.raises(Misconfigured, match="010_camera_pulses"):
        await relocate(Settings(home=home), target)


async def test_a_home_in_use_is_not_copied(home: Path, tmp_path: Path) -> None:
    async with await Promptuary.open(home):
        with pytest.raises(Busy):
            await relocate(Settings(home=home), f"sqlite:///{tmp_path}/copy.db")
