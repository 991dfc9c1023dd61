"""`promptuary events search`: events by what their descriptions say."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, one_line, safe, write_json
from promptuary.domain.events import EventFilter


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be seen, and where.")],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many to show.")] = 10,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="LABEL", help="Only such events.")
    ] = None,
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="As somebody who may see only these."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="NAME", help="Where your clock stands.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find events by what their descriptions say, by words and meaning, the best first.

    Cameras and times that the text names are conditions on all events, and so are labels beside
    them.
    """
    where = EventFilter(labels=tuple(label or ()))
    with opened(home) as promptuary:
        find = promptuary.conversation.search_events
        found = find(text, where=where, cameras=camera, timezone=timezone, limit=limit)
    if as_json:
        write_json({"found": found})
        return
    out = console()
    if not found:
        out.print("Nothing that is described like that.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("score", "time (UTC)", "camera", "label", "description", "id"):
        table.add_column(name, overflow="fold")
    for each in found:
        seen = each.event
        said = one_line(seen.description or "", 60)
        row = (f"{each.score:.2f}", f"{seen.start:%Y-%m-%d %H:%M:%S}")
        table.add_row(*row, safe(seen.camera), safe(seen.label), said, safe(seen.id))
    out.print(table)
