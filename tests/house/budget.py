"""What a command imports, by the interpreter's own account (`-X importtime`)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

LINE = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)


def modules(command: Sequence[str]) -> frozenset[str]:
    """The full names of the modules that it loads."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return frozenset(LINE.findall(done.stderr))


def packages(loaded: frozenset[str]) -> frozenset[str]:
    """The top-level packages that they belong to."""
    return frozenset(module.partition(".")[0] for module in loaded)
