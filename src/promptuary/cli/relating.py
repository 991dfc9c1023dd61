"""`promptuary events related`: what belongs to an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home, one_of
from promptuary.cli.printing import console, one_line, safe, write_json

if TYPE_CHECKING:
    from promptuary.conversation.related import Relation


def related(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The id of an event.")],
    *,
    relation: Annotated[
        list[str] | None,
        typer.Option(
            "--relation",
            metavar="NAME",
            callback=one_of("temporal", "spatial", "semantic"),
            help="temporal, spatial, semantic; else all.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many to show.")] = 10,
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="As somebody who may see only these."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show what belongs to an event: near it in time, at the same place, or like it in words."""
    known: tuple[Relation, ...] = ("temporal", "spatial", "semantic")
    wanted = [each for each in known if not relation or each in relation]
    with opened(home) as promptuary:
        find = promptuary.conversation.related_events
        found = find(event, relations=wanted, cameras=camera, limit=limit)
    if as_json:
        write_json({"related": found})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("strength", "relation", "time (UTC)", "camera", "label", "description", "id"):
        table.add_column(name, overflow="fold")
    for each in found:
        seen = each.event
        said = one_line(seen.description or "", 50)
        row = (f"{each.strength:.2f}", each.relation, f"{seen.start:%Y-%m-%d %H:%M:%S}")
        table.add_row(*row, safe(seen.camera), safe(seen.label), said, safe(seen.id))
    console().print(table)
