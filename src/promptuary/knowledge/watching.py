"""Syncing a folder again and again, as it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from promptuary.domain.reports import SourceOutcome, SyncReport, Told, silent
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.sync import sync
from promptuary.ports.clock import Clock

PAUSE_SECONDS = 2.0
LONGEST_SECONDS = 60.0
"""Where changes are noticed, a look though none was: from the one, twice as long each time, to the
other."""
SHARE = 20
"""A look that takes long is repeated less often, so that watching takes a twentieth of a core."""
STANDING = frozenset({"skipped", "failed", "partly"})
"""Outcomes that come again with every look, as long as nobody mends the file."""


class Noticing(Protocol):
    """Whoever notices changes."""

    @property
    def listening(self) -> bool:
        """Whether anything can be noticed (still)."""
        ...

    async def changed(self) -> None:
        """Returns when something may have changed since the last time."""
        ...


async def watch(
    parts: Knowledge,
    path: Path,
    collection: str,
    *,
    noticing: Noticing | None = None,
    told: Told = silent,
) -> AsyncIterator[SyncReport]:
    """The report of the first sync, and then of each that changed something; never ends by itself.

    Looks at the folder when a change is noticed, and now and then without: not every file system
    tells, and not of everything. With nobody who notices it looks every two seconds. Raises as
    `sync` does.
    """
    before: SyncReport | None = None
    pause = PAUSE_SECONDS
    while True:
        began = parts.clock.monotonic()
        report = await sync(parts, path, collection, told=told)
        if news := before is None or _news(report, before):
            yield report
        before = report
        took = parts.clock.monotonic() - began
        somebody = noticing if noticing and noticing.listening else None
        pause = PAUSE_SECONDS if news or not somebody else min(2 * pause, LONGEST_SECONDS)
        await _until(parts.clock, max(pause, SHARE * took), somebody)


async def _until(clock: Clock, seconds: float, noticing: Noticing | None) -> None:
    """That long, or until something is noticed."""
    if noticing is None:
        await clock.sleep(seconds)
        return
    waiting = [
        asyncio.ensure_future(clock.sleep(seconds)),
        asyncio.ensure_future(noticing.changed()),
    ]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _news(report: SyncReport, before: SyncReport) -> bool:
    """Something was written, or there is other trouble than before."""
    return bool(report.counts.keys() - STANDING) or _standing(report) != _standing(before)


def _standing(report: SyncReport) -> list[SourceOutcome]:
    return [each for each in report.outcomes if each.status in STANDING]
