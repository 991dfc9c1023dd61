"""`promptuary sync` and `promptuary status`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home, InCollection
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import REJECTED, UNAVAILABLE
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import SourceOutcome, SyncReport

SHOWN = 10
TROUBLE = frozenset({"failed", "partly"})
SAID = {
    "new": "new",
    "changed": "changed",
    "removed": "removed",
    "same": "touched but the same",
    "empty": "without text",
    "partly": "read in part",
    "failed": "failed",
}


def sync(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Folders, or single files.")],
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="Where the documents go.")
    ] = "default",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; write nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on as the folder changes, until stopped.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Bring the documents of a folder in; only what changed is read again.

    What is gone from the folder goes from the collection. A file that cannot be read is named and
    the rest goes on; then the exit code is 1.
    """
    if watch:
        return _watch(paths, collection, home, dry_run=dry_run, as_json=as_json)
    with opened(home) as promptuary, progress() as told:
        reports = [
            promptuary.sync(path, collection=collection, dry_run=dry_run, progress=told)
            for path in paths
        ]
    return told_of(reports, as_json=as_json)


def crawl(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL…]", help="Where to begin.")
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Begin with the addresses of the settings.")
    ] = False,
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="Where the pages go.")
    ] = "default",
    depth: Annotated[
        int | None, typer.Option(min=0, max=10, help="How many links away; else as is set.")
    ] = None,
    max_pages: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="How many at most; else as is set.")
    ] = None,
    same_site: Annotated[
        bool | None,
        typer.Option("--same-domain/--any-site", help="Stay on one host; else as is set."),
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0.0, help="Seconds between requests to one host.")
    ] = 0.5,
    force: Annotated[
        bool, typer.Option("--force", help="Read every page again, changed or not.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Bring pages of the web in; only what changed is read again.

    Follows robots.txt and fetches from public addresses only. A page that cannot be read is named
    and the rest goes on; then the exit code is 1.
    """
    settings = settings_of(home)
    begin = [*(urls or ()), *(settings.crawl_sources if default else ())]
    if not begin:
        said = (
            "say where to begin: promptuary crawl URL, or --default with PROMPTUARY_CRAWL_SOURCES"
        )
        raise InvalidInput(said, fields={"urls": "missing"})
    with opened(home) as promptuary, progress() as told:
        reach = partial(
            promptuary.crawl,
            collection=collection,
            depth=settings.crawl_depth if depth is None else depth,
            pages=settings.crawl_max_pages if max_pages is None else max_pages,
            same_site=settings.crawl_same_site if same_site is None else same_site,
        )
        reports = [reach(url, delay=delay, force=force, progress=told) for url in begin]
    return told_of(reports, as_json=as_json)


def told_of(reports: Sequence[SyncReport], *, as_json: bool) -> int:
    """Print what was done; the exit code."""
    if as_json:
        write_json({"reports": reports})
    else:
        for report in reports:
            _print(console(), report)
    return REJECTED if any(report.failed for report in reports) else 0


def _watch(
    paths: Sequence[Path], collection: str, home: Path | None, *, dry_run: bool, as_json: bool
) -> int:
    """Report whatever changes, a line or an object each time."""
    if len(paths) != 1 or dry_run:
        raise InvalidInput("--watch takes one folder, and no --dry-run")
    with opened(home) as promptuary:
        for report in promptuary.watch(paths[0], collection=collection):
            if as_json:
                write_json(report)
                sys.stdout.flush()
            else:
                _print(console(), report)
    return 0


def status(collection: InCollection = None, home: Home = None, as_json: AsJson = False) -> int:
    """Say what there is: documents, passages, prompts, templates, and how the index is.

    The exit code is 3 while searches are not complete.
    """
    with opened(home) as promptuary:
        held = promptuary.holdings(collection=collection)
        health = promptuary.index_health()
        templates = promptuary.templates(limit=1).total
        prompts = promptuary.prompts(limit=1).total
        failed = promptuary.sources(collection=collection, status="failed", limit=SHOWN)
    if as_json:
        shown = {"documents": held, "prompts": prompts, "templates": templates, "index": health}
        write_json({**shown, "failed": failed.items})
    else:
        out = console()
        sources = f"from {plural(held.read, 'source')}"
        out.print(f"{plural(held.documents, 'document')} {sources}, {held.passages:,} passages")
        out.print(f"{plural(prompts, 'prompt')}, {plural(templates, 'template')}")
        out.print(f"index {health.state}: {plural(health.entries, 'entry')}")
        _troubles(
            out,
            [SourceOutcome(s.name, "failed", s.code, s.reason) for s in failed.items],
            held.failed,
        )
    return 0 if health.state == "ok" else UNAVAILABLE


def _print(out: Console, report: SyncReport) -> None:
    bad = [each for each in report.outcomes if each.status in TROUBLE]
    if report.dry_run:
        for each in report.outcomes[: 10 * SHOWN]:
            if each.status != "skipped":
                out.print(f"{each.status:<8} {safe(each.name)}")
    _troubles(out, bad, report.failed)
    done = [f"{n:,} {SAID[k]}" for k in SAID if (n := report.counts.get(k))]
    said = ", ".join([*done, f"{report.unchanged:,} unchanged"])
    would = "would be: " if report.dry_run else ""
    out.print(f"{safe(report.root)}: {would}{said} (collection {safe(report.collection)})")
    if skipped := report.counts.get("skipped"):
        out.print(Text(f"{plural(skipped, 'file')} of other kinds passed over", "dim"))


def _troubles(out: Console, bad: Sequence[SourceOutcome], count: int) -> None:
    for each in bad[:SHOWN]:
        out.print(f"{safe(each.name)}: {safe(each.reason)} [{each.code}]", style="yellow")
    if count > SHOWN:
        hint = "promptuary documents list --status failed"
        out.print(f"… and {count - SHOWN:,} more: {hint}", style="yellow")
