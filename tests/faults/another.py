"""Another process with a Promptuary of its own, for tests that need two or a kill.

In a test: `async with another(settings, "hold") as process`, then `await process.said()` and
`process.tell()`. What it does is one of the functions of `DEEDS`; each says what happened, a JSON
value a line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from outcomes import traffic

from promptuary.app import Promptuary
from promptuary.canon import ingest
from promptuary.domain.jobs import Job
from promptuary.settings import Settings

ROOT = Path(__file__).parents[2]


class Another:
    """The other process, seen from the test."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @property
    def pid(self) -> int:
        return self.process.pid

    async def said(self) -> Any:
        """The next thing it says."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, f"the other process ended with {await self.process.wait()}"
        return json.loads(line)

    async def told(self) -> list[Any]:
        """All it says up to its end."""
        assert self.process.stdout is not None
        return [json.loads(line) async for line in self.process.stdout]

    async def go_on(self) -> None:
        """Let it go on from where it waits."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        await self.process.stdin.drain()

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def another(deed: str, **settings: object) -> AsyncIterator[Another]:
    """A process that does the deed with these settings; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        deed,
        json.dumps({name: str(value) for name, value in settings.items()}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        limit=1 << 26,
    )
    try:
        yield Another(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what, default=str) + "\n")
    sys.stdout.flush()


async def until_told() -> None:
    await asyncio.to_thread(sys.stdin.readline)


async def hold(settings: Settings) -> None:
    """Hold the home until told to go on."""
    async with await Promptuary.open(settings=settings):
        say("open")
        await until_told()
    say("closed")


async def same_batch(settings: Settings) -> None:
    """Open, wait, then ingest one batch ten times at once; say the reports."""
    async with await Promptuary.open(settings=settings) as opened:
        say("open")
        await until_told()
        reports = [opened.ingest(traffic(12), batch_id="the same") for _ in range(10)]
        say([asdict(report) for report in await asyncio.gather(*reports)])


async def work(settings: Settings) -> None:
    """Run every job that is due; say which, and wait in the middle of the first until told."""
    async with await Promptuary.open(settings=settings) as opened:
        place = opened._place
        told: list[str] = []

        async def watched(job: Job) -> bool:
            say(job.id)
            if not told:
                told.append(job.id)
                await until_told()
            return await place(job)

        opened._place = watched  # type: ignore[method-assign]  # seen from outside
        await opened.work(once=True)


async def hang(settings: Settings) -> None:
    """Claim a job and stop in the middle of it."""

    async def stuck(*_: object) -> None:
        say("in the middle")
        await asyncio.Event().wait()

    async with await Promptuary.open(settings=settings) as opened:
        ingest._write = stuck  # type: ignore[assignment]  # the window is mined and not written
        await opened.work(once=True)


DEEDS = {deed.__name__: deed for deed in (hold, same_batch, work, hang)}


def main(deed: str, settings: Mapping[str, str]) -> None:
    asyncio.run(DEEDS[deed](Settings(**settings)))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
