"""Does ingest stay linear and small? Prompts from a file to a searchable index, size after size.

`python -m bench scale --sizes 10000 30000 100000`: each size is one process and one new home.
The course of the largest is drawn too: CPU seconds and memory as its prompts are mined.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import curve, traffic
from bench.processes import python
from promptuary import Promptuary
from promptuary.canon.reading import Reading, ReadPrompt, open_file, read_prompts
from promptuary.domain.reports import Progress

Row = dict[str, Any]
PICTURE = Path(__file__).parents[1] / "docs" / "explanation" / "ingest-at-scale.svg"
COURSE = Path(__file__).parents[1] / "docs" / "explanation" / "course-of-an-ingest.svg"
STEPS = 50
"""So many points, about, show the course of one ingest."""
PHASES = {"save": "saving", "mine": "mining, the index beside it", "index": "the rest of the index"}


async def ingest(file: Path, home: Path) -> Row:
    """Ingest a file in this process: CPU seconds by phase, peak memory, what was found."""
    phases: Counter[str] = Counter()
    course: list[Row] = []
    before = time.process_time()

    def told(progress: Progress) -> None:
        nonlocal before
        now = time.process_time()
        phases[progress.stage] += now - before  # type: ignore[assignment]  # seconds, not a count
        before = now
        shown = course[-1]["size"] if course else 0
        if progress.stage == "mine" and progress.done >= shown + (progress.total or 0) / STEPS:
            course.append({"size": progress.done, "cpu_seconds": now, "peak_mb": resident()})

    started = time.perf_counter()
    async with await Promptuary.open(home) as promptuary:
        with open_file(file) as stream:
            read = read_prompts(stream, Reading("auto", None, "joined", None), name=file.name)
            prompts = (each.prompt for each in read if isinstance(each, ReadPrompt))
            report = await promptuary.ingest(prompts, progress=told)
        families = (await promptuary.families(limit=1)).total
        templates = (await promptuary.templates(limit=1)).total
    return {
        "distinct": report.accepted,
        "placed": report.placed,
        "templates": templates,
        "families": families,
        "wall_seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time(),
        "phases": {stage: round(seconds, 2) for stage, seconds in phases.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "course": course,
    }


def resident() -> float:
    """Megabytes in memory now, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def measured(size: int, folder: Path) -> Row:
    """One size, in a process of its own."""
    file, home = folder / f"{size}.jsonl", folder / f"home{size}"
    traffic.write(file, size)
    command = python("-m", "bench.scale", str(file), str(home))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: Row = json.loads(done.stdout)
    return {"size": size, **found}


def rows(sizes: list[Row]) -> list[Row]:
    """The lines of the table."""
    lines: list[Row] = []
    for one in sizes:
        what = f"{one['size']:,} prompts, {one['distinct']:,} distinct"
        lines += [
            _line(f"{what}: CPU seconds", "linear", one["cpu_seconds"], "s"),
            _line(f"{what}: prompts a CPU second", "", one["size"] / one["cpu_seconds"], "1/s"),
            _line(f"{what}: peak memory", "<= 500 MB", one["peak_mb"], "MB"),
            _line(f"{what}: templates found", "", one["templates"], ""),
        ]
        lines += [
            _line(f"{what}: CPU seconds, {name}", "", one["phases"].get(stage, 0), "s")
            for stage, name in PHASES.items()
        ]
    return lines


def _line(what: str, goal: str, now: float, unit: str) -> Row:
    shown = round(now, 1)
    return {"what": what, "goal": goal, "now": shown, "unit": unit, "peer": "", "peer_now": None}


def main(output: Path, sizes: tuple[int, ...]) -> None:
    """Measure; after each size write the lines and draw the picture."""
    done: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            done.append(measured(size, Path(name)))
            output.write_text(json.dumps(rows(done), indent=1) + "\n", "utf-8")
            PICTURE.write_text(curve.drawn(done), "utf-8")
        COURSE.write_text(curve.drawn(done[-1]["course"], memory="memory"), "utf-8")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(ingest(Path(sys.argv[1]), Path(sys.argv[2])))))
