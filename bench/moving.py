"""What a move of the index costs: how quick it copies beside a plain bulk load of the same engine,
what it adds to writes and reads that go on, how soon the old store answers again, what is lost.

The target is an embedded index, or the URL that `--stores` names; it must be empty, and is emptied
at the end. Each figure is taken in one run of one process.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.processes import p95
from bench.speed import Row, row
from promptuary.app import Promptuary
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import PromptuaryError
from promptuary.plugins import open_index
from promptuary.settings import Settings

TIMES = 200
BATCH = 500
Work = Callable[[int], Awaitable[object]]


def main(output: Path, urls: list[str], size: int) -> None:
    """Move so many passages; the figures go to that file."""
    rows = [each for url in urls or [""] for each in asyncio.run(_measured(url, size))]
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


async def _measured(url: str, size: int) -> list[Row]:
    with TemporaryDirectory(prefix="promptuary-bench-") as folder:
        target = url or f"edge:{folder}/new"
        settings = Settings(home=Path(folder) / "home", move_index_url=target)
        async with await Promptuary.open(settings=settings) as promptuary:
            await promptuary.add_documents(list(_documents(size)))
            plain_load = await _plain_load(promptuary, f"{target}-plain")
            return await _moved(promptuary, plain_load, f"{target.partition(':')[0]}, {size:,}")


async def _moved(promptuary: Promptuary, plain_load: float, what: str) -> list[Row]:
    moves = promptuary.moves
    writes, reads = await _timed(_write(promptuary)), await _timed(_read(promptuary))
    await moves.plan()
    move = await moves.start()
    rate = move.copied / move.took["backfill"]
    beside = await _timed(_write(promptuary, "during"))
    await moves.ramp(100)
    await moves.cutover()
    with_new = await _timed(_read(promptuary))
    began = time.monotonic()
    await moves.rollback()
    await promptuary.search("parcels", kinds=["passage"], limit=1)
    back = time.monotonic() - began
    lost = await _lost(promptuary)
    index = moves.index
    if index is None:
        raise AssertionError  # the settings name where to move to
    await index.target.clear()
    fallen = await _fallback(promptuary)
    plain_named = "a plain bulk load of the same engine"
    return [
        row(f"{what}: backfill over {plain_named}", ">= .6", rate / plain_load, "", "", None),
        row(f"{what}: backfill", "", rate, "entries/s", plain_named, plain_load),
        row(f"{what}: write, p95, more", "<= 5 ms", beside - writes, "ms", "without", writes),
        row(f"{what}: read, p95, more", "<= 1 ms", with_new - reads, "ms", "before", reads),
        row(f"{what}: rollback until the old store answered", "<= 5 s", back, "s", "", None),
        row(f"{what}: acknowledged writes lost", "0", lost, "", "", None),
        row(f"{what}: fallback of a store that fails", "<= 5 s", fallen, "s", "", None),
    ]


async def _plain_load(promptuary: Promptuary, url: str) -> float:
    """Entries a second, with their vectors, into an index of the same engine beside it."""
    old = promptuary._index
    index = await open_index(url, space=old.space)
    entries, spent, after = 0, 0.0, None
    while ids := await old.list_ids(after=after, limit=BATCH):
        some = await old.get(ids)
        began = time.monotonic()
        await index.put(some)
        spent += time.monotonic() - began
        entries, after = entries + len(some), ids[-1]
    await index.clear()
    await index.aclose()
    return entries / spent


async def _fallback(promptuary: Promptuary) -> float:
    """From the moment the new store fails until a read is answered by the old one for good."""
    await promptuary.moves.plan()
    await promptuary.moves.start()
    await promptuary.moves.ramp(100)
    await promptuary.moves.cutover()
    course = promptuary.moves.index
    if course is None:
        raise AssertionError  # as above
    await course.target.aclose()
    began = time.monotonic()
    while not course.gave_back:
        try:
            await promptuary.search("parcels", kinds=["passage"], limit=1)
        except PromptuaryError:
            continue
    return time.monotonic() - began


def _write(promptuary: Promptuary, name: str = "before") -> Work:
    return lambda at: promptuary.library.save(f"bench/{name}-{at}", f"Errand {at} of {name}.")


def _read(promptuary: Promptuary) -> Work:
    return lambda at: promptuary.search(f"parcels of office {at}", kinds=["passage"], limit=10)


async def _timed(work: Work) -> float:
    """p95 in milliseconds."""
    taken: list[float] = []
    for at in range(TIMES):
        began = time.monotonic()
        await work(at)
        taken.append(time.monotonic() - began)
    return p95(taken) * 1e3


async def _lost(promptuary: Promptuary) -> int:
    """Writes during the move that the old store does not find."""
    await promptuary.settle()
    missing = 0
    for at in range(TIMES):
        found = await promptuary.library.search(f"Errand {at} of during.", limit=3)
        missing += all(hit.payload["slug"] != f"bench/during-{at}" for hit in found.hits)
    return missing


def _documents(size: int) -> Iterator[GivenText]:
    for at in range(size):
        text = f"Office {at} opens at nine. Parcels of office {at} are kept for {at % 9 + 2} days."
        yield GivenText(f"office-{at}", text, f"Office {at}")
