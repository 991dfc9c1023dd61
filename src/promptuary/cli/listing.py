"""`promptuary families` and `promptuary templates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit
from promptuary.cli.printing import (
    console,
    foot,
    one_line,
    page_json,
    plural,
    safe,
    templated,
    values_of,
)
from promptuary.domain.templates import Family, Lineage, Template

if TYPE_CHECKING:
    from promptuary.cli.opening import Face

NOTHING = "Nothing here yet. Take prompts in with: promptuary ingest FILE"


def families(
    collection: InCollection = None,
    sort: Annotated[
        Literal["size", "created", "name"], typer.Option(help="What comes first.")
    ] = "size",
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List families, largest first, each with its largest template as an example."""
    with looked_at(home) as promptuary:
        page = promptuary.families(collection=collection, sort=sort, cursor=cursor, limit=limit)
        examples = {family.id: _example(promptuary, family) for family in page.items}
    if as_json:
        page_json(page)
        return
    out = console()
    if not page.items:
        out.print(NOTHING)
        return
    out.print(_family_table([(family, examples[family.id]) for family in page.items], out.width))
    foot(out, page, "family")


def _example(promptuary: Face, family: Family) -> str:
    """Its largest template, or a prompt that belongs by itself, to be shown."""
    if family.templates:
        largest = promptuary.templates(family_id=family.id, limit=1).items
        return largest[0].template.text if largest else ""
    newest = promptuary.prompts(family_id=family.id, limit=1).items
    return newest[0].text if newest else ""


def templates(
    collection: InCollection = None,
    family: Annotated[
        str | None, typer.Option("--family", metavar="ID", help="Only this family's.")
    ] = None,
    sort: Annotated[Literal["size", "created"], typer.Option(help="What comes first.")] = "size",
    limit: Limit = 10,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List templates, largest first, with their slots, types and most frequent values."""
    with looked_at(home) as promptuary:
        page = promptuary.templates(
            collection=collection, family_id=family, sort=sort, cursor=cursor, limit=limit
        )
    if as_json:
        page_json(page)
        return
    out = console()
    if not page.items:
        out.print(NOTHING)
        return
    for lineage in page.items:
        print_lineage(out, lineage)
        out.print()
    foot(out, page, "template")


def print_lineage(out: Console, lineage: Lineage) -> None:
    """A template with what there is to know about it at a glance."""
    head = Text(one_line(lineage.name, 60), "bold")
    head.append(f"  {plural(lineage.size, 'prompt')}, {lineage.id}", "dim")
    out.print(head)
    print_template(out, lineage.template)


def print_template(out: Console, template: Template) -> None:
    """The text with its slots highlighted, then each slot with type and most frequent values."""
    about = f"version {template.version}, confidence {template.confidence:.2f}"
    out.print(Text(about, "dim"))
    for line in templated(template.text).split("\n"):
        out.print(Text("  ").append_text(line))
    if template.slots:
        out.print(slot_table(template))


def slot_table(template: Template) -> Table:
    """Name, type and values of each slot."""
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(style="magenta", no_wrap=True)
    table.add_column(overflow="fold")
    for slot in template.slots:
        kind = slot.type if slot.required else f"{slot.type}?"
        table.add_row(slot.name, kind, values_of(slot))
    return table


def _family_table(rows: list[tuple[Family, str]], width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", expand=False)
    table.add_column("family", overflow="fold", max_width=38)
    table.add_column("prompts", justify="right")
    table.add_column("templates", justify="right")
    table.add_column("for example", overflow="fold")
    example_width = 2 * max(20, width - 62)
    for family, shown in rows:
        name = Text(safe(family.name), "bold").append(f"\n{family.id}", "dim")
        example = templated(shown, example_width)
        table.add_row(name, f"{family.size:,}", f"{family.templates:,}", example)
    return table
