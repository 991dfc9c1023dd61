"""Kills ingests at random points: a process of its own that forks a child for each attempt.

Forking from a process that has imported everything makes a start cost milliseconds, so that the
kills fall into the work and not into the imports. Run as `python crashing.py RECORD_URL HOME KILLS
SEED`; prints one JSON object with what was found.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from promptuary import IncomingPrompt, Promptuary
from promptuary.settings import Settings

COUNT = 240


def traffic() -> list[IncomingPrompt]:
    """Two templates, a changed wording, one-offs, duplicates: enough for every kind of write."""
    lines: list[str] = []
    for n in range(COUNT // 4):
        lines.append(f"Summarise ticket number {n * 7919 % 997} for the support team in two lines.")
        lines.append(f"Translate the word 'w{n * 31 % 211}' into Finnish and give an example.")
        lines.append(f"Remark {n}: {' '.join(f'{(n * k) % 89}q{k}' for k in range(3, 9))}")
        lines.append(lines[n % len(lines)])
    return [IncomingPrompt(text, id=f"row-{n}") for n, text in enumerate(lines)]


async def ingest(settings: Settings, acknowledged: Path | None) -> None:
    """Ingest in small batches; each acknowledged batch is noted outside, as a client would."""
    prompts = traffic()
    async with await Promptuary.open(settings=settings) as opened:
        for start in range(0, len(prompts), 40):
            await opened.ingest(prompts[start : start + 40], place=False)
            if acknowledged is not None:
                with acknowledged.open("a") as file:
                    file.write(f"{start}\n")
                    file.flush()
        await opened.settle()


async def outcome(settings: Settings) -> list[object]:
    """Everything a user can see of the result, in a form that can be compared."""
    async with await Promptuary.open(settings=settings) as opened:
        rows = [asdict(row) async for row in opened.placements()]
        templates = (await opened.templates(limit=100)).items
        families = (await opened.families(limit=100)).items
        counts = sorted((p.id, p.count, p.seq) for p in (await opened.prompts(limit=1000)).items)
        history = [
            (version.id, version.version, version.text)
            for line in templates
            for version in await opened.versions(line.id)
        ]
        found = sorted(hit.id for hit in (await opened.search("ticket support", limit=50)).hits)
        sizes = [(line.id, line.size, line.family_id) for line in templates]
        return [rows, sizes, [(f.id, f.name, f.size) for f in families], counts, history, found]


def in_child(settings: Settings, acknowledged: Path | None, after: float | None) -> bool:
    """Run an ingest in a forked child, killed `after` seconds; whether it got to its end."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(ingest(settings, acknowledged))
            os._exit(0)
        finally:
            os._exit(1)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("an ingest failed by itself")
    return os.WIFEXITED(status)


def lost(settings: Settings, acknowledged: Path) -> int:
    """How many acknowledged prompts the record does not have."""

    async def known() -> set[str]:
        async with await Promptuary.open(settings=settings) as opened:
            return {row.id async for row in opened.placements()}

    starts = {int(line) for line in acknowledged.read_text().split()}
    expected = {f"row-{n}" for start in starts for n in range(start, min(start + 40, COUNT))}
    return len(expected - asyncio.run(known())) if expected else 0


def homes(record_urls: Iterable[str], root: Path) -> Iterable[Settings]:
    """A fresh home with a fresh record for each round."""
    for number, url in enumerate(record_urls):
        yield Settings(home=root / f"home{number}", database_url=url, settle_after_seconds=0)


def main(record_urls: list[str], root: Path, kills: int, seed: int) -> None:
    """Kill, start again, let finish, compare; until there were enough kills."""
    rng = random.Random(seed)
    rounds = iter(homes(record_urls, root))
    whole = next(rounds)
    started = time.monotonic()
    in_child(whole, None, None)
    length = time.monotonic() - started
    expected = asyncio.run(outcome(whole))
    killed = lost_prompts = differing = finished = 0
    for settings in rounds:
        noted = settings.home.with_suffix(".acknowledged")
        noted.touch()
        for _ in range(8):
            ended = in_child(settings, noted, rng.uniform(0.01, length * 0.9))
            killed += not ended
            lost_prompts += lost(settings, noted)
            if ended:
                break
        in_child(settings, noted, None)
        finished += 1
        differing += asyncio.run(outcome(settings)) != expected
        if killed >= kills:
            break
    json.dump(
        {"killed": killed, "rounds": finished, "lost": lost_prompts, "differing": differing},
        sys.stdout,
    )


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    main(options["urls"], Path(options["root"]), options["kills"], options["seed"])
