"""How quickly documents come in, stay and go: made-up pages, the same in every run."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.speed import row
from promptuary import Promptuary
from promptuary.domain.documents import Content, Original
from promptuary.domain.loading import stamp_of
from promptuary.testing.record_documents import source

PAGES, SECTIONS = 800, 12
UNCHANGED, KEPT = 10_000, 20_000
WORDS = [
    f"{a}{b}{c}" for a in ("ba", "ko", "lu", "fe") for b in "rstvln" for c in ("a", "im", "on")
]
TIMES = 7


def section(chosen: random.Random, number: int) -> str:
    """A heading and a paragraph of some eighty words."""
    sentences = (" ".join(chosen.choices(WORDS, k=20)).capitalize() + "." for _ in range(4))
    return f"## Part {number}\n\n{' '.join(sentences)}\n\n"


def cpu() -> float:
    """Seconds of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def spent(work: Callable[[], Awaitable[object]]) -> float:
    """CPU seconds of this process meanwhile."""
    began = time.process_time()
    await work()
    return time.process_time() - began


async def throughput(folder: Path) -> float:
    """Passages a CPU second from files to found, the processes that read them included."""
    chosen = random.Random(1)
    docs = folder / "docs"
    docs.mkdir()
    for n in range(PAGES):
        text = "".join(section(chosen, number) for number in range(SECTIONS))
        (docs / f"{n}.md").write_text(f"# Page {n}\n\n{text}")
    async with await Promptuary.open(folder / "home") as opened:
        await opened.search("warm")
        before = cpu()
        report = await opened.sync(docs)
    return report.passages / (cpu() - before)


async def unchanged(folder: Path) -> float:
    """CPU seconds of a sync of files that are all as they were."""
    docs = folder / "many"
    async with await Promptuary.open(folder / "home") as opened:
        contents = []
        for n in range(UNCHANGED):
            path = docs / str(n % 100) / f"{n}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            one = source(f"{n % 100}/{n}.md", root=str(docs))
            made = {"stamp": stamp_of(path.stat()), "recipe": opened._knowledge.recipe}
            contents.append(Content(type(one)(**_fields(one) | made)))
        async with opened._record.begin() as tx:
            await tx.collections.ensure("default")
            await tx.documents.replace(contents)
        return median([await spent(lambda: opened.sync(docs)) for _ in range(3)])


def _fields(one: object) -> dict[str, Any]:
    return {name: getattr(one, name) for name in type(one).__slots__}


async def replaced(folder: Path) -> tuple[float, float, float]:
    """CPU milliseconds to replace a document of 250 passages and to delete it, until the record has
    acknowledged it; and until the index has followed the deletion."""
    chosen = random.Random(2)
    path = folder / "large.md"
    acknowledged, deleted, gone = [], [], []
    async with await Promptuary.open(folder / "home") as opened:
        record = opened._record
        for n in range(TIMES):
            text = "".join(section(chosen, k) + section(chosen, k) for k in range(250))
            path.write_text(text)
            os.utime(path, (n + 1, n + 1))
            await opened.sync(path)
            async with record.read() as tx:
                (kept,) = (await tx.documents.list(limit=1_000)).items[-1:]
                (document,) = await tx.documents.within(kept.id)
                passages = tuple(await tx.documents.passages_of(document.id))
            assert len(passages) >= 250
            content = Content(kept, (document,), passages[:250])

            async def write(content: Content = content) -> None:
                async with record.begin() as tx:
                    await tx.outbox.add("passage", await tx.documents.replace([content]))

            await write()
            acknowledged.append(await spent(write) * 1e3)
            await opened._follower.catch_up()

            async def drop(source_id: str = kept.id) -> None:
                async with record.begin() as tx:
                    await tx.outbox.add("passage", await tx.documents.remove([source_id]))

            deleted.append(await spent(drop) * 1e3)
            gone.append(await spent(opened._follower.catch_up) * 1e3)
    return median(acknowledged), median(deleted), median(gone)


async def strays(folder: Path) -> float:
    """CPU milliseconds that opening a home takes to look for originals that are nobody's."""
    async with await Promptuary.open(folder / "home") as opened:
        now = opened._clock.now()
        for start in range(0, KEPT, 1_000):
            digests = [f"{n:064x}" for n in range(start, start + 1_000)]
            kept = [Original(f"{d[:2]}/{d}-{d[-12:]}", d, 3) for d in digests]
            made = [Content(replace(source(f"{d}.md"), digest=d)) for d in digests]
            owners = zip(made, kept, strict=True)
            async with opened._record.begin() as tx:
                await tx.collections.ensure(made[0].source.collection)
                await tx.originals.expect(kept, now)
                await tx.documents.replace(made)
                await tx.originals.attach({c.source.id: o.blob for c, o in owners}, now)
        originals = opened._knowledge.originals
        assert originals

        async def look() -> None:
            await originals.tidy()
            await originals.sweep()

        return median([await spent(look) * 1e3 for _ in range(TIMES)])


async def measure() -> list[dict[str, Any]]:
    """All of it, in homes that are thrown away."""
    with tempfile.TemporaryDirectory() as name:
        (folder := Path(name) / "a").mkdir()
        rate = await throughput(folder)
        still = await unchanged(folder)
        (other := Path(name) / "b").mkdir()
        written, removed, followed = await replaced(other)
        (third := Path(name) / "c").mkdir()
        looked = await strays(third)
    return [
        row("sync of 800 pages: passages a CPU second", ">= 1,000", rate, "", "", None),
        row("sync of 10,000 unchanged files: CPU", "<= 1 s", still, "s", "", None),
        row("replace 250 passages, until acknowledged: CPU", "<= 20 ms", written, "ms", "", None),
        row("delete 250 passages, until acknowledged: CPU", "<= 20 ms", removed, "ms", "", None),
        row("the index after that deletion: CPU", "", followed, "ms", "", None),
        row(
            f"opening with {KEPT:,} originals: looking for strays, CPU", "", looked, "ms", "", None
        ),
        row("load average meanwhile", "", os.getloadavg()[0], "", "", None),
    ]


def main(output: Path) -> None:
    """Measure and write."""
    output.write_text(json.dumps(asyncio.run(measure()), indent=1) + "\n", "utf-8")
