"""Several workers on one PostgreSQL, killed in the middle of jobs again and again; forked as
`crashing.py` does it.

Run with a `Plan` as JSON; it prints what is in the record after kills, what is there without, and
how many were killed.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from crashing import Child, warm
from outcomes import traffic

from promptuary.adapters.embedders import static
from promptuary.adapters.moderators import rules
from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.canon.browse import placement_rows
from promptuary.canon.ingest import A_TURN, Canon, ingest, settle
from promptuary.canon.receive import PLACE_JOB, Reception
from promptuary.domain.jobs import Job
from promptuary.testing.fakes.clock import HandClock
from promptuary.working import Worker

WORKERS = 3
COLLECTIONS = [f"team-{n}" for n in range(15)]
ROUNDS = 6
LEASE_SECONDS = 2.0
PATIENCE = timedelta(seconds=0)


@dataclass(frozen=True, slots=True)
class Plan:
    """`postgresql` is a URL with `{}` for the database's name."""

    root: str
    postgresql: str
    kills: int
    seed: int


@asynccontextmanager
async def canon_on(url: str) -> AsyncIterator[Canon]:
    record = await connect(url)
    reception = Reception(record, rules.connect("rules:"), HandClock(), 100_000, PATIENCE)
    embedder = static.connect("static:")
    yield Canon(reception, embedder, window=10, minimum=3, threshold=None, isolated=False)
    await record.aclose()


async def prepared(administering: str, database: str, url: str) -> None:
    """A database with a job for each collection."""
    import asyncpg

    connection = await asyncpg.connect(administering)
    await connection.execute(f"CREATE DATABASE {database}")
    await connection.close()
    async with canon_on(url) as canon:
        for name in COLLECTIONS:
            await ingest(canon, traffic(ROUNDS), name, None, place=False)


async def work(url: str, busy: mmap.mmap, *, once: bool = False) -> None:
    """Run jobs, saying when one is in work."""
    async with canon_on(url) as canon:

        async def place(job: Job) -> bool:
            busy[0] = 1
            name = str(job.payload["collection"])
            more = await settle(canon, name, windows=A_TURN) is not None
            busy[0] = 0
            return more

        await Worker(canon.record, LEASE_SECONDS).run({PLACE_JOB: place}, once=once)


async def all_done(url: str) -> None:
    async with canon_on(url) as canon:
        while True:
            async with canon.record.read() as tx:
                counts = [
                    (await tx.jobs.list(state=state, limit=1)).total
                    for state in ("waiting", "running")
                ]
            if not any(counts):
                return
            await asyncio.sleep(0.05)


async def seen(url: str) -> dict[str, Any]:
    """Everything that jobs bring about."""
    said: dict[str, Any] = {}
    async with canon_on(url) as canon, canon.record.read() as tx:
        jobs = (await tx.jobs.list(limit=1000)).items
        said["jobs"] = sorted((str(job.payload["collection"]), job.state) for job in jobs)
        for name in COLLECTIONS:
            collection = await tx.collections.get(name)
            lineages = sorted(await tx.templates.lineages(collection.id), key=lambda line: line.id)
            said[name] = {
                "placed": [collection.last_seq, collection.placed_seq],
                "placements": [asdict(row) async for row in placement_rows(canon.record, name)],
                "lineages": [asdict(line) for line in lineages],
                "versions": [
                    [asdict(one) for one in await tx.templates.history(line.id)]
                    for line in lineages
                ],
            }
    return said


class Workers:
    """Children that work, each with a flag in shared memory that says when it is at a job."""

    def __init__(self, url: str, root: Path) -> None:
        self._url = url
        self._root = root
        self._busy = [mmap.mmap(-1, 1) for _ in range(WORKERS)]
        self._children = [self._begin(n) for n in range(WORKERS)]

    def _begin(self, number: int) -> Child:
        self._busy[number][0] = 0
        answer = self._root / f"worker-{number}.json"
        return Child(partial(work, self._url, self._busy[number]), answer)

    def kill_one(self, after: float) -> bool:
        """One that is at a job, or soon will be, so many seconds later; whether there was one."""
        until = time.monotonic() + LEASE_SECONDS + 120
        while time.monotonic() < until:
            for number, busy in enumerate(self._busy):
                if busy[0]:
                    time.sleep(after)
                    hit = bool(busy[0])
                    self._children[number].killed()
                    self._children[number] = self._begin(number)
                    return hit
            time.sleep(0.000_5)
        raise AssertionError("no worker came to a job")

    def end(self) -> None:
        for child in self._children:
            child.killed()


def main(plan: Plan) -> dict[str, Any]:
    drawn, root = random.Random(plan.seed), Path(plan.root)
    url, whole = (plan.postgresql.format(name) for name in ("killed", "whole"))
    answer = root / "answer.json"
    for name, each in (("killed", url), ("whole", whole)):
        administering = plan.postgresql.format("postgres")
        Child(partial(prepared, administering, name, each), answer).result()
    workers, kills = Workers(url, root), 0
    while kills < plan.kills:
        kills += workers.kill_one(drawn.uniform(0, 0.05))
    Child(partial(all_done, url), answer).result()
    workers.end()
    Child(partial(work, whole, mmap.mmap(-1, 1), once=True), answer).result()
    after, alone = (Child(partial(seen, each), answer).result() for each in (url, whole))
    return {"after": after, "alone": alone, "kills": kills}


if __name__ == "__main__":
    warm()
    json.dump(main(Plan(**json.loads(sys.argv[1]))), sys.stdout, default=str)
