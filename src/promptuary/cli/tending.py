"""`promptuary index create|stats|verify|snapshot|restore|alias`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import UNAVAILABLE
from promptuary.ports.index import Generation

if TYPE_CHECKING:
    from promptuary.domain.upkeep import IndexCopy, IndexStats, Verified

DIFFERS = 2
"""The exit code of a verification that found a difference and left it."""

File = Annotated[str, typer.Argument(metavar="FILE", help="A path, or a URL such as s3://...")]


def add(app: typer.Typer) -> None:
    """Give the group these commands."""
    for command in (create, stats, verify, snapshot, restore, alias):
        app.command()(command)


def create(home: Home = None, as_json: AsJson = False) -> int:
    """Make the index that the settings name, unless it is there, and say what it is."""
    return stats(home, as_json)


def stats(home: Home = None, as_json: AsJson = False) -> int:
    """Say how much the index holds, of what kinds, and how far it is."""
    with opened(home) as promptuary:
        found = promptuary.index_stats()
    if as_json:
        write_json(found)
    else:
        _print_stats(found)
    return 0 if found.state == "ok" else UNAVAILABLE


def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Put what is missing or wrong, remove what is extra.")
    ] = False,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Ask for every word that stands in an entry, not for some."),
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Compare record and index entry by entry; exit code 2 where they differ and stay so."""
    with opened(home) as promptuary, progress() as told:
        found = promptuary.verify_index(repair=repair, deep=deep, progress=told)
    if as_json:
        write_json({"agrees": found.clean, "report": found})
    else:
        console().print(said_of(found))
    return 0 if found.clean else DIFFERS


def snapshot(file: File, home: Home = None, as_json: AsJson = False) -> None:
    """Write every entry with its vector into one file, for any engine of the same space."""
    with opened(home) as promptuary, progress() as told:
        copy = promptuary.snapshot_index(file, progress=told)
    _print_copy(copy, as_json=as_json)


def restore(file: File, home: Home = None, as_json: AsJson = False) -> None:
    """Let the index hold what such a file holds; what was written since is brought in."""
    with opened(home) as promptuary, progress() as told:
        copy = promptuary.restore_index(file, progress=told)
    _print_copy(copy, as_json=as_json)


def alias(
    generation: Annotated[
        str | None,
        typer.Argument(metavar="[GENERATION]", help="Let this one serve; else list them."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the generations of an index on Elasticsearch or OpenSearch, or let another serve."""
    with opened(home) as promptuary:
        known = promptuary.serve_index(generation) if generation else promptuary.index_generations()
    if as_json:
        write_json(list(known))
    else:
        _print_generations(known)


def said_of(found: Verified) -> str:
    """What a verification found, in one line."""
    if found.clean:
        repaired = f", {found.repaired:,} repaired" if found.repaired else ""
        return f"record and index agree: {plural(found.entries, 'entry')}, {found.digest}{repaired}"
    wrong = ", ".join(f"{count:,} {fault}" for fault, count in found.faults.items())
    return f"record and index differ: {wrong}; promptuary index verify --repair"


def _print_stats(found: IndexStats) -> None:
    out = console()
    detail = f" ({safe(found.detail)})" if found.detail else ""
    held = plural(found.entries, "entry")
    out.print(f"{found.engine} {found.state}: {held}, up to change {found.watermark:,}{detail}")
    out.print(f"vectors of {safe(found.space)}, {found.dimensions} numbers each")
    for kind, count in found.kinds.items():
        out.print(f"  {count:>10,}  {safe(kind)}")


def _print_copy(copy: IndexCopy, *, as_json: bool) -> None:
    if as_json:
        write_json(copy)
    else:
        held = plural(copy.entries, "entry")
        console().print(f"{held} up to change {copy.watermark:,}, digest {copy.digest}")


def _print_generations(known: Sequence[Generation]) -> None:
    for each in known:
        serves = "serves" if each.serves else ""
        held = plural(each.entries, "entry")
        console().print(f"{safe(each.name)}  {held}  {each.bytes / 2**20:.1f} MiB  {serves}")
