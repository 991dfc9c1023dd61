"""Syncing a folder again and again, as it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from promptuary.domain.reports import SourceOutcome, SyncReport, Told, silent
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.sync import sync

PAUSE_SECONDS = 2.0
SHARE = 20
"""A look that takes long is repeated less often, so that watching takes a twentieth of a core."""
STANDING = frozenset({"skipped", "failed", "partly"})
"""Outcomes that come again with every look, as long as nobody mends the file."""


async def watch(
    parts: Knowledge, path: Path, collection: str, *, told: Told = silent
) -> AsyncIterator[SyncReport]:
    """The report of the first sync, and then of each that changed something; never ends by itself.

    Looks at the folder instead of asking the kernel to be told: that works on every file system,
    and ten thousand unchanged files take a fraction of a second. Raises as `sync` does.
    """
    before: SyncReport | None = None
    while True:
        began = parts.clock.monotonic()
        report = await sync(parts, path, collection, told=told)
        if before is None or _news(report, before):
            yield report
        before = report
        took = parts.clock.monotonic() - began
        await parts.clock.sleep(max(PAUSE_SECONDS, SHARE * took))


def _news(report: SyncReport, before: SyncReport) -> bool:
    """Something was written, or there is other trouble than before."""
    return bool(report.counts.keys() - STANDING) or _standing(report) != _standing(before)


def _standing(report: SyncReport) -> list[SourceOutcome]:
    return [each for each in report.outcomes if each.status in STANDING]
