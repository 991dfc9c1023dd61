"""The disk is full: a typed error, nothing acknowledged is lost, and it goes on when there is room.

A file system of its own needs Linux's user namespaces (or root); where those cannot be had, a
limit on the size of files stands for the full disk alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from filling import BATCH, TRAFFIC
from outcomes import outcome

import servers
from promptuary import Promptuary
from promptuary.adapters.indexes.edge import folder
from promptuary.canon import catching_up
from promptuary.domain.errors import StorageFull
from promptuary.settings import Settings

ROOT = Path(__file__).parents[2]
KIB = 1024
HEADROOM = 32 * KIB * KIB
"""The index wants as much free; see `adapters/indexes/edge/folder.py`."""

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def fill(how: str, folder: Path, free: int) -> dict[str, Any]:
    """What `filling.py` saw."""
    alone = () if how == "limited" else servers.ALONE
    return said_by(Path(__file__).with_name("filling.py"), how, str(folder), str(free), alone=alone)


def said_by(script: Path, *given: str, alone: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(
        [*alone, sys.executable, script, *given],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


async def unharmed(home: Path) -> dict[str, Any]:
    settings = Settings(home=home, window_prompts=25)
    async with await Promptuary.open(settings=settings) as opened:
        for start in range(0, len(TRAFFIC), BATCH):
            await opened.ingest(TRAFFIC[start : start + BATCH], batch_id=f"batch-{start}")
        seen: dict[str, Any] = json.loads(json.dumps(await outcome(opened), default=str))
        return seen


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 60 * KIB, 200 * KIB])
@pytest.mark.parametrize("disk", ["limited", "mounted"])
async def test_a_full_disk_refuses_clearly_and_goes_on_when_there_is_room(
    disk: str, free: int, tmp_path: Path
) -> None:
    seen = fill(disk, tmp_path, free)
    assert seen["refused"] is not None
    assert seen["refused"][0] == "STORAGE_FULL"
    assert seen["kept"] >= BATCH
    assert seen["families"]
    assert seen["healthy"] == "healthy"
    assert seen["outcome"] == await unharmed(tmp_path / "unharmed")


@pytest.mark.slow
@pytest.mark.parametrize("free", [HEADROOM - KIB, HEADROOM + 200 * KIB])
@pytest.mark.parametrize("disk", ["index"])
async def test_a_full_disk_of_the_index_loses_nothing_of_the_record_and_is_not_kept_quiet(
    disk: str, free: int, tmp_path: Path
) -> None:
    seen = fill(disk, tmp_path, free)
    assert seen["refused"][0] == "STORAGE_FULL"
    assert seen["kept"] % BATCH == 0
    assert seen["kept"] > BATCH
    assert "no room" in seen["partial"]
    assert seen["health"] == "degraded"
    assert seen["healthy"] == "healthy"
    assert seen["outcome"] == await unharmed(tmp_path / "unharmed")


@pytest.mark.parametrize("disk", ["originals"])
async def test_originals_without_room_or_that_cannot_be_written_lose_nothing_and_go_on_later(
    disk: str, tmp_path: Path
) -> None:
    script = Path(__file__).with_name(f"filling_{disk}.py")
    seen = said_by(script, str(tmp_path), alone=servers.ALONE)
    assert seen["before"] is None
    for step, code, kept in (("full", "STORAGE_FULL", 1), ("read-only", "UNAVAILABLE", 2)):
        refused, sound = seen[step]
        assert refused[0] == code
        assert "cannot be written" in refused[1]
        assert len(sound) == kept, "what was acknowledged comes back"
    assert seen["room"] == [None, ["first.txt", "second.txt"]]
    assert seen["again"] == [None, ["first.txt", "second.txt", "third.txt"]]
    assert len(seen["files"]) == 3, "nothing half written is left"


@pytest.mark.parametrize("disk", ["home"])
async def test_a_home_on_a_full_disk_is_backed_up_elsewhere(tmp_path: Path, disk: str) -> None:
    script = Path(__file__).with_name("filling_backups.py")
    seen = said_by(script, str(tmp_path), alone=servers.ALONE)
    assert seen["found"] == 1
    assert seen["restored"] == seen["kept"]


async def test_an_index_without_room_stops_no_placing_and_catches_up_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "PAUSE_SECONDS", 0.01)
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(TRAFFIC[:BATCH], batch_id="before")
        before = await outcome(opened)
        with monkeypatch.context() as full:
            full.setattr(folder, "_HEADROOM", 1 << 60)
            with pytest.raises(StorageFull):
                await opened.ingest(TRAFFIC[BATCH : 2 * BATCH], batch_id="while full")
            assert "no room" in str((await opened.search("ticket")).partial)
            assert (await opened.health()).status == "degraded"
            rows = [row async for row in opened.placements()]
            assert len(rows) == 2 * BATCH
            assert any(row.template for row in rows[BATCH:]), "the record goes on"
        while (await opened.search("ticket")).partial:
            pass
        after = await outcome(opened)
        assert (await opened.health()).status == "healthy"
    assert after["index"] > before["index"]
