"""How long a job waits for the worker of another connection: announced, and only looked for."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.speed import Row, row
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.working import Worker

JOBS = 60
Opening = Callable[[str], Awaitable[UnitOfWork]]


class Looking:
    """A record that announces nothing: its worker looks now and then."""

    def __init__(self, record: UnitOfWork) -> None:
        self.begin, self.read = record.begin, record.read
        self.ping, self.aclose = record.ping, record.aclose


async def waits(url: str, *, announced: bool) -> list[float]:
    """Milliseconds from before each job was deferred until its work began, in ascending order."""
    here, there = await connect(url), await connect(url)
    began: asyncio.Queue[float] = asyncio.Queue()

    async def run(_: Job) -> bool:
        began.put_nowait(time.perf_counter())
        return False

    worker = Worker(there if announced else Looking(there), 60)
    working = asyncio.create_task(worker.run({"measured": run}))
    found: list[float] = []
    for number in range(JOBS):
        await asyncio.sleep(0.05 + 0.011 * (number % 45))  # at no moment of the worker's own rhythm
        started = time.perf_counter()
        async with here.begin() as tx:
            await tx.jobs.defer("measured", {})
        found.append(1_000 * (await began.get() - started))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await here.aclose()
    await there.aclose()
    return sorted(found)


async def measured(port: int) -> tuple[list[float], list[float]]:
    """Both, on a database of their own."""
    import asyncpg

    administering = await asyncpg.connect(f"postgresql://promptuary@127.0.0.1:{port}/postgres")
    await administering.execute("CREATE DATABASE waking")
    await administering.close()
    url = f"postgresql://promptuary@127.0.0.1:{port}/waking"
    return await waits(url, announced=True), await waits(url, announced=False)


def main(output: Path) -> None:
    """The table: both, at the middle and at the 95th percentile."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    import servers

    binaries = servers.debian_postgresql() or servers.wheel_postgresql()
    if binaries is None:
        raise SystemExit("there is no PostgreSQL here")
    server = servers.postgresql(binaries)
    try:
        server.start()
        announced, looked = asyncio.run(measured(server.port))
    finally:
        server.close()
    rows: list[Row] = [
        row(f"from a job's commit to its start, {name}", "", at(announced), "ms", peer, at(looked))
        for name, at in (("median", _middle), ("p95", _high))
        for peer in ("looked for every half second",)
    ]
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _middle(ordered: list[float]) -> float:
    return round(statistics.median(ordered), 1)


def _high(ordered: list[float]) -> float:
    return round(ordered[int(0.95 * len(ordered))], 1)
