"""Whole processes, measured by the operating system: wall and CPU seconds, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One finished process."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


@contextmanager
def byte_code_in(folder: Path) -> Iterator[None]:
    """Have processes started inside keep their byte code there, as an installed program has it;
    without it the compiler is measured, and whoever is asked first."""
    before = dict(os.environ)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def cpu_seconds(pid: int) -> float:
    """What a running process has used until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(command: Sequence[str], *, output: Path | None = None) -> Run:
    """Run to the end; raises CalledProcessError when it fails."""
    target = output.open("wb") if output else subprocess.DEVNULL
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=target, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def paired(ours: Sequence[str], theirs: Sequence[str], times: int) -> tuple[float, float]:
    """Median wall seconds of two commands run in turn; the first pair is not counted."""
    pairs = [(run(ours).wall_seconds, run(theirs).wall_seconds) for _ in range(times + 1)][1:]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def python(*arguments: str) -> list[str]:
    """This interpreter with these arguments."""
    return [sys.executable, *arguments]
