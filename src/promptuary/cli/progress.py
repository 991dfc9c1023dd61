"""How far long work is, on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from promptuary.domain.reports import Progress, Told, silent

EVERY_SECONDS = 2.0
QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
"""Whether nothing is told; `--quiet` before the command sets it for that call."""
STAGES = {
    "save": "saving",
    "read": "reading",
    "mine": "finding templates",
    "index": "indexing",
    "search": "searching",
    "write": "writing",
    "pull": "pulling",
    "backfill": "copying",
    "verify": "comparing",
    "name": "naming",
}


@contextmanager
def progress() -> Iterator[Told]:
    """Somebody to tell while the work lasts."""
    if QUIET.get():
        yield silent
    elif sys.stderr.isatty():
        with _bar() as told:
            yield told
    else:
        yield _Lines().tell


class _Lines:
    """A line when a stage begins, and now and then after that."""

    def __init__(self) -> None:
        self._stage = ""
        self._next = 0.0

    def tell(self, at: Progress) -> None:
        now = time.monotonic()
        if at.stage == self._stage and now < self._next:
            return
        self._stage, self._next = at.stage, now + EVERY_SECONDS
        of = f" of {at.total:,}" if at.total else ""
        sys.stderr.write(f"{STAGES.get(at.stage, at.stage)}: {at.done:,}{of}\n")
        sys.stderr.flush()


@contextmanager
def _bar() -> Iterator[Told]:
    from rich.console import Console  # noqa: PLC0415 - only for terminals
    from rich.progress import (  # noqa: PLC0415 - slow to import
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars  # noqa: PLC0415 - slow to import

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        known: dict[str, TaskID] = {}

        def tell(at: Progress) -> None:
            name = STAGES.get(at.stage, at.stage)
            if at.stage not in known:
                known[at.stage] = bars.add_task(name, total=at.total)
            bars.update(known[at.stage], completed=at.done, total=at.total)

        yield tell
