"""What a piece of work took, and a folder to do it in."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.text import Text


@dataclass(frozen=True, slots=True)
class Cost:
    """What the work took. Memory is the process's peak, in MiB."""

    rows: int
    wall_seconds: float
    cpu_seconds: float
    rows_per_second: float
    peak_memory_mib: float


@dataclass(frozen=True, slots=True)
class Effort:
    """When the work began."""

    wall: float
    cpu: float

    @classmethod
    def begin(cls) -> Effort:
        """Now."""
        return cls(time.perf_counter(), _cpu_seconds())

    def cost(self, rows: int) -> Cost:
        """What it took until now."""
        wall = time.perf_counter() - self.wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        mebibytes = peak / (2**20 if sys.platform == "darwin" else 2**10)
        cpu = _cpu_seconds() - self.cpu
        return Cost(rows, round(wall, 3), round(cpu, 3), round(rows / wall, 1), round(mebibytes, 1))


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def workplace(home: Path | None) -> Iterator[Path]:
    """That folder, or a temporary one."""
    if home is not None:
        yield home
        return
    with TemporaryDirectory(prefix="promptuary-eval-") as folder:
        yield Path(folder)


def cost_line(cost: Cost) -> Text:
    """The cost for a person to read."""
    return Text(
        f"{cost.rows:,} rows in {cost.wall_seconds:.1f} s ({cost.rows_per_second:,.0f} a "
        f"second), {cost.cpu_seconds:.1f} s of CPU, {cost.peak_memory_mib:,.0f} MiB at most",
        "dim",
    )
