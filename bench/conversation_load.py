"""Conversations under load: many events taken in, one asker, and two hundred at once over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from bench.camera_world import DAYS, World
from bench.processes import cpu_seconds, p95
from bench.speed import Row, row
from promptuary.app import Promptuary
from promptuary.settings import Settings

AT_ONCE, TURNS, ALONE = 200, 4, 100
LEAST_PATIENCE = 120.0
"""Seconds that a client waits at least; more where more events make an answer slower."""
_SERVE = (
    "from promptuary.api.server import serve; from promptuary.settings import Settings; "
    "serve(Settings(port=0))"
)


@dataclass
class Load:
    """Seconds that each turn took, and what went wrong."""

    took: list[float] = field(default_factory=list)
    errors: int = 0


async def filled(home: Path, world: World, count: int) -> float:
    """Events taken in for a second of CPU, this process's."""
    settings = Settings(home=home)
    a_camera = count // len(world.places)
    async with await Promptuary.open(settings=settings) as promptuary:
        spent = 0.0
        for place in world.places:
            for first in range(0, a_camera, 2_000):
                batch = [
                    {**world.event(place, n), "event_id": f"{place.id}-{n}"}
                    for n in range(first, min(first + 2_000, a_camera))
                ]
                before = time.process_time()
                done = await promptuary.conversation.add_events(batch)
                spent += time.process_time() - before
                assert done.intake.new == len(batch)
    return a_camera * len(world.places) / spent


@contextmanager
def server(home: Path) -> Iterator[tuple[str, int]]:
    """A server of its own process: its address and process id."""
    given = {"PROMPTUARY_HOME": str(home), "PROMPTUARY_RATE_LIMIT_ENABLED": "false"}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        env={**os.environ, **given},
        cwd=home,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        for line in process.stderr:
            told: Mapping[str, Any] = json.loads(line) if line.startswith("{") else {}
            if told.get("event") == "listening":
                break
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        yield f"http://127.0.0.1:{told['port']}", process.pid
    finally:
        process.terminate()
        process.wait()
        drain.wait()


def patience(count: int) -> float:
    """Seconds that a client waits for an answer out of so many events, with all the others asking:
    what is slow is to be measured, not to end the run."""
    return max(LEAST_PATIENCE, count / 1_000)


async def alone(url: str, world: World, wait: float) -> tuple[list[float], list[float]]:
    """Seconds until the evidence is there and until all of the answer is, asked one by one."""
    first, whole = [], []
    async with httpx2.AsyncClient(base_url=url, timeout=wait) as client:
        for _ in range(ALONE):
            began = time.perf_counter()
            asked = {"query": world.question(), "stream": True}
            async with client.stream("POST", "/api/v1/conversation", json=asked) as said:
                seen = 0.0
                async for line in said.aiter_lines():
                    if not seen and line == "event: STATE_SNAPSHOT":
                        seen = time.perf_counter() - began
            first.append(seen)
            whole.append(time.perf_counter() - began)
    return first, whole


async def together(url: str, world: World, wait: float) -> tuple[Load, float]:
    """So many conversations at once, each of a few turns; what came of it, and the seconds."""
    load = Load()
    limits = httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx2.AsyncClient(base_url=url, timeout=wait, limits=limits) as client:

        async def talk() -> None:
            thread: str | None = None
            for number in range(TURNS):
                query = world.follow_up() if number else world.question()
                began = time.perf_counter()
                asked = {"query": query, "conversation_id": thread}
                try:
                    said = await client.post("/api/v1/conversation", json=asked)
                except httpx2.TimeoutException:
                    said = httpx2.Response(504)
                load.took.append(time.perf_counter() - began)
                if said.status_code != 200:
                    load.errors += 1
                    return
                thread = said.json()["conversation_id"]

        began = time.perf_counter()
        await asyncio.gather(*(talk() for _ in range(AT_ONCE)))
        return load, time.perf_counter() - began


def measured(count: int) -> Iterator[Row]:
    """The rows for so many events."""
    world, wait = World.made(17, a_day=0), patience(count)
    world.now = datetime.now(UTC)
    world.events = [{"event_id": f"{place.id}-0"} for place in world.places]
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        rate = asyncio.run(filled(home, world, count))
        yield row(f"{count:,} events over {DAYS} days taken in, a CPU second", ">= 5,000", rate, "",
                  "", None)  # fmt: skip
        with server(home) as (url, pid):
            asyncio.run(alone(url, world, wait))
            before = cpu_seconds(pid)
            first, whole = asyncio.run(alone(url, world, wait))
            spent = (cpu_seconds(pid) - before) / ALONE * 1e3
            yield row(
                f"{count:,}: first evidence p95", "<= 60 ms", p95(first) * 1e3, "ms", "", None
            )
            yield row(f"{count:,}: whole answer p95", "<= 150 ms", p95(whole) * 1e3, "ms", "", None)
            yield row(f"{count:,}: CPU of the server a streamed turn", "", spent, "ms", "", None)
            before = cpu_seconds(pid)
            load, seconds = asyncio.run(together(url, world, wait))
            spent = (cpu_seconds(pid) - before) / len(load.took) * 1e3
        named = f"{count:,}: {AT_ONCE} conversations at once"
        yield row(f"{named}, p95", "<= 500 ms", p95(load.took) * 1e3, "ms", "", None)
        yield row(f"{named}, turns a second", ">= 150", len(load.took) / seconds, "", "", None)
        yield row(f"{named}, errors", "0", load.errors, "", "", None)
        yield row(f"{named}, CPU of the server a turn", "", spent, "ms", "", None)
        yield row(f"{count:,}: load average then", "", os.getloadavg()[0], "", "", None)


def main(output: Path, sizes: tuple[int, ...]) -> None:
    """For each number of events; what was measured is kept row by row, and sizes that are in the
    results of the day already stay there, so that a run that dies at the largest loses nothing."""
    known: list[Row] = json.loads(output.read_text("utf-8")) if output.exists() else []
    rows = [each for each in known if not _of(each, sizes)]
    for count in sizes:
        for each in measured(count):
            rows.append(each)
            output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _of(known: Row, sizes: tuple[int, ...]) -> bool:
    """Whether it is a row of one of these sizes."""
    return str(known["what"]).split(" ")[0].rstrip(":") in {f"{count:,}" for count in sizes}


if __name__ == "__main__":
    for size in map(int, sys.argv[1:]):
        for each in measured(size):
            print(each["what"], each["goal"], each["now"], each["unit"], flush=True)
