"""A disk that fills up in the middle of an ingest, and gets room again; a process of its own.

Run as `filling.py HOW FOLDER FREE`. HOW is `mounted` (a small file system, mounted here: this
process must be root, or run under `unshare --user --map-root-user --mount`), `index` (only the
index lies on it) or `limited` (no file may grow beyond a limit, as with a quota). FREE bytes are
left. Says one JSON object: why the ingest was refused, what was there meanwhile, and the outcome
once there was room.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outcomes import outcome, traffic

from promptuary.app import Promptuary
from promptuary.domain.errors import PromptuaryError
from promptuary.settings import Settings

SIZE = "120m"
BATCH = 48
TRAFFIC = traffic(60)
STARTS = range(0, len(TRAFFIC), BATCH)


@dataclass(frozen=True, slots=True)
class Mounted:
    """A small file system with a ballast that takes the room."""

    root: Path

    def fill(self, free: int) -> None:
        disk = os.statvfs(self.root)
        with (self.root / "ballast").open("wb") as ballast:
            for _ in range(max(0, disk.f_bavail - free // disk.f_frsize)):
                ballast.write(bytes(disk.f_frsize))

    def make_room(self) -> None:
        (self.root / "ballast").unlink()


@dataclass(frozen=True, slots=True)
class Limited:
    """A limit on the size of files, just above that of the record's log."""

    root: Path

    def fill(self, free: int) -> None:
        limit(next(self.root.rglob("record.db-wal")).stat().st_size + free)

    def make_room(self) -> None:
        limit(resource.RLIM_INFINITY)


def limit(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


async def ingest(opened: Promptuary, start: int) -> None:
    await opened.ingest(TRAFFIC[start : start + BATCH], batch_id=f"batch-{start}")


async def run(settings: Settings, disk: Mounted | Limited, free: int) -> dict[str, Any]:
    said: dict[str, Any] = {"refused": None}
    async with await Promptuary.open(settings=settings) as opened:
        await ingest(opened, STARTS[0])
        disk.fill(free)
        try:
            for start in STARTS[1:]:
                await ingest(opened, start)
        except PromptuaryError as error:
            said["refused"] = [error.code, str(error)]
        said["kept"] = len([row async for row in opened.placements()])
        said["families"] = len((await opened.families()).items)
        said["partial"] = (await opened.search("ticket")).partial
        said["health"] = (await opened.health()).status
        disk.make_room()
        for start in STARTS:
            await ingest(opened, start)
        said["healthy"] = (await opened.health()).status
    async with await Promptuary.open(settings=settings) as again:
        said["outcome"] = await outcome(again)
    return said


def main(how: str, folder: Path, free: int) -> None:
    small = folder / "small"
    small.mkdir()
    if how != "limited":
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "promptuary", str(small)]
        subprocess.run(command, check=True)
    home = folder / "home" if how == "index" else small / "home"
    index = f"edge:{small}/index" if how == "index" else ""
    settings = Settings(home=home, index_url=index, window_prompts=25)
    disk = Limited(small) if how == "limited" else Mounted(small)
    json.dump(asyncio.run(run(settings, disk, free)), sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
