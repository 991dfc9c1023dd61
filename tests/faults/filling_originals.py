"""A disk of originals that fills up, gets room, becomes read-only and is mounted anew.

Run as `filling_originals.py FOLDER`, as root or under `unshare --user --map-root-user --mount`.
Says one JSON object: why files were refused, and what could be had at each step.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from filling import SIZE, Mounted

from promptuary.app import Promptuary
from promptuary.domain.errors import PromptuaryError
from promptuary.settings import Settings


def file(folder: Path, name: str) -> Path:
    """A text of some 100 KB."""
    drawn = random.Random(name)
    path = folder / name
    path.write_text("\n\n".join(f"{name} says {drawn.random()}." for _ in range(3_000)))
    return path


def mount(small: Path, *options: str) -> None:
    subprocess.run(["mount", *options, str(small)], check=True)


async def kept(opened: Promptuary, folder: Path) -> list[str]:
    """The names of sources whose originals come back as they were."""
    sound: list[str] = []
    for source in (await opened.sources()).items:
        await opened.original(source.id, folder / "back")
        name = source.path
        if (folder / "back").read_bytes() == (folder / name).read_bytes():
            sound.append(name)
    return sorted(sound)


async def tried(opened: Promptuary, path: Path) -> list[str] | None:
    """Why the file could not be added."""
    try:
        await opened.add_file(path)
    except PromptuaryError as error:
        return [error.code, str(error)]
    return None


async def run(folder: Path, small: Path) -> dict[str, Any]:
    disk = Mounted(small)
    settings = Settings(home=folder / "home", originals=f"folder:{small}/originals")
    names = ["first.txt", "second.txt", "third.txt"]
    first, second, third = (file(folder, name) for name in names)
    async with await Promptuary.open(settings=settings) as opened:
        said: dict[str, Any] = {"before": await tried(opened, first)}
        disk.fill(16_384)
        said["full"] = [await tried(opened, second), await kept(opened, folder)]
        disk.make_room()
        said["room"] = [await tried(opened, second), await kept(opened, folder)]
        mount(small, "-o", "remount,ro")
        said["read-only"] = [await tried(opened, third), await kept(opened, folder)]
        mount(small, "-o", "remount,rw")
        said["again"] = [await tried(opened, third), await kept(opened, folder)]
    files = (each for each in (small / "originals").rglob("*") if each.is_file())
    said["files"] = [each.stat().st_size for each in files]
    return said


def main(folder: Path) -> None:
    small = folder / "small"
    small.mkdir()
    mount(small, "-t", "tmpfs", "-o", f"size={SIZE}", "promptuary")
    json.dump(asyncio.run(run(folder, small)), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
