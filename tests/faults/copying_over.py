"""kill -9 again and again while a record goes to another database; see `test_killed_copies.py`."""

from __future__ import annotations

import json
import random
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

from crashing import Child, warm
from outcomes import traffic

from promptuary.adapters.units_of_work._sql import copying
from promptuary.app import Promptuary
from promptuary.relocating import relocate
from promptuary.settings import Settings

ROUNDS = 12


async def fill(home: Path) -> str:
    async with await Promptuary.open(home) as opened:
        await opened.ingest(traffic(ROUNDS))
    return "filled"


async def copy(home: Path, target: str) -> list[object]:
    done = await relocate(Settings(home=home), target)
    return [done.clean, done.copied, done.rows]


async def create(url: str, name: str) -> str:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return "created"


def main(root: Path, url: str, kills: int, seed: int) -> dict[str, object]:
    """Kill copies until there were so many kills; what the last run of each target said."""
    home, answer, drawn = root / "home", root / "answer.json", random.Random(seed)
    Child(partial(fill, home), answer).result()
    killed, ends, took = 0, [], 0.0
    for number in count():
        if killed >= kills and ends:
            break
        name = f"copy_{number}"
        Child(partial(create, url.format("postgres"), name), answer).result()
        work = partial(copy, home, url.format(name))
        if not took:
            started = time.monotonic()
            Child(work, answer).result()
            took = time.monotonic() - started
            continue
        while True:
            child = Child(work, answer)
            time.sleep(drawn.uniform(0.2, 1) * took)
            if not child.killed():
                break
            killed += 1
        ends.append(json.loads(answer.read_text()))
    return {"killed": killed, "ends": ends}


if __name__ == "__main__":
    warm()
    copying.ROWS = 40
    root, url, kills, seed = json.loads(sys.argv[1])
    json.dump(main(Path(root), url, kills, seed), sys.stdout)
