"""A home on a disk that is full is backed up elsewhere.

Run as `filling_backups.py FOLDER`, as root or under `unshare --user --map-root-user --mount`.
Says one JSON object: what was found in a home that was restored from there.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from filling import SIZE, TRAFFIC, Mounted, ingest

from promptuary.adapters.clocks.system import SystemClock
from promptuary.app import Promptuary
from promptuary.backups import backup, restore
from promptuary.settings import Settings


async def run(folder: Path, small: Path) -> dict[str, Any]:
    settings, there = Settings(home=small / "home"), Settings(home=folder / "there")
    async with await Promptuary.open(settings=settings) as opened:
        await ingest(opened, 0)
        kept = (await opened.prompts()).total
    Mounted(small).fill(0)
    await backup(settings, SystemClock(), folder / "backup.zip")
    await restore(there, SystemClock(), folder / "backup.zip")
    async with await Promptuary.open(settings=there) as opened:
        found = (await opened.search(TRAFFIC[0].text, limit=1)).hits
        return {"kept": kept, "restored": (await opened.prompts()).total, "found": len(found)}


def main(folder: Path) -> None:
    small = folder / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "full", str(small)], check=True)
    json.dump(asyncio.run(run(folder, small)), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
