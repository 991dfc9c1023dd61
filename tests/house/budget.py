"""What an import costs, by the interpreter's own account (`-X importtime`)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cost:
    """Time spent in module bodies, and the top-level packages that were loaded."""

    milliseconds: float
    packages: frozenset[str]


def of(command: Sequence[str]) -> Cost:
    """Run it and read its import times. The cheapest of three runs: other work only adds."""
    return min((_once(command) for _ in range(3)), key=lambda cost: cost.milliseconds)


def _once(command: Sequence[str]) -> Cost:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = LINE.findall(done.stderr)
    names = frozenset(module.partition(".")[0] for _, module in found)
    return Cost(sum(int(microseconds) for microseconds, _ in found) / 1000, names)
