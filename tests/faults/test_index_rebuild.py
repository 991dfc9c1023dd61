"""The index is derived: damaged or gone, it is noticed, said, and built again from the record."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcomes import outcome, traffic

from promptuary import Promptuary
from promptuary.canon import catching_up

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Damage = Callable[[Path], None]


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def flip_the_largest(index: Path) -> None:
    flip(max((f for f in index.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size))


def truncate_everything(index: Path) -> None:
    for file in index.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


DAMAGE: dict[str, Damage] = {
    "the folder is gone": shutil.rmtree,
    "the engine's folder is gone": lambda index: shutil.rmtree(index / "shard"),
    "the largest file has a flipped byte": flip_the_largest,
    "the ledger has a flipped byte": lambda index: flip(index / "ledger.log"),
    "the ledger is gone": lambda index: (index / "ledger.log").unlink(),
    "the state is empty": lambda index: (index / "state.json").write_bytes(b""),
    "the identity is gone": lambda index: (index / "identity.json").unlink(),
    "every file is half as long": truncate_everything,
}


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(traffic(24))
    return tmp_path


async def whole(home: Path) -> dict[str, Any]:
    """The outcome as soon as searches say that they are complete."""
    async with await Promptuary.open(home) as opened:
        while (await opened.search("ticket")).partial:
            pass
        return await outcome(opened)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_damaged_index_is_built_again_and_lacks_nothing(damage: Damage, home: Path) -> None:
    before = await whole(home)
    damage(home / "index")
    assert await whole(home) == before


@pytest.mark.parametrize("damage", [flip_the_largest, shutil.rmtree])
async def test_searches_and_health_say_so_while_the_index_is_built_again(
    damage: Damage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = asyncio.Event()
    for name in ("rebuild", "catch_up"):
        work = getattr(catching_up, name)

        async def held(*arguments: object, work: Any = work) -> None:
            await hold.wait()
            await work(*arguments)

        monkeypatch.setattr(catching_up, name, held)
    monkeypatch.setattr(catching_up, "PATIENCE_SECONDS", 0.01)
    damage(home / "index")
    async with await Promptuary.open(home) as opened:
        try:
            assert (await opened.search("ticket")).partial
            assert (await opened.health()).status == "degraded"
            assert (await opened.templates()).items, "the record answers meanwhile"
        finally:
            hold.set()
        while (await opened.search("ticket")).partial:
            pass
        assert (await opened.search("ticket")).hits
        assert (await opened.health()).status == "healthy"


async def test_what_was_damaged_is_kept_aside(home: Path) -> None:
    flip(home / "index" / "ledger.log")
    await whole(home)
    assert (home / "index.damaged-1" / "ledger.log").is_file()


async def test_a_rebuild_on_demand_brings_every_entry_back(home: Path) -> None:
    before = await whole(home)
    async with await Promptuary.open(home) as opened:
        health = await opened.rebuild_index()
    assert (health.state, health.entries) == ("ok", before["index"])
    assert await whole(home) == before


async def test_an_index_that_knows_of_more_than_the_record_is_not_trusted_in_silence(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backup = shutil.copytree(home, tmp_path_factory.mktemp("backup"), dirs_exist_ok=True)
    before = await whole(home)
    async with await Promptuary.open(home) as opened:
        await opened.ingest(["something that the backup does not know"])
    for file in backup.glob("record.db*"):
        shutil.copy(file, home)
    async with await Promptuary.open(home) as opened:
        assert "backup" in str((await opened.search("ticket")).partial)
        assert (await opened.health()).status == "degraded"
    shutil.rmtree(home / "index")
    assert await whole(home) == before
