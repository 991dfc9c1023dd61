"""`promptuary name` and `promptuary namings`: names by a chat model, and what was refused of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, IntoCollection, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, safe, write_json
from promptuary.cli.progress import progress
from promptuary.domain.namings import DoubtfulPair, DoubtReport, NamingReport
from promptuary.domain.pages import Page


def name(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID...", help="Of clusters and families; else all of them."),
    ] = None,
    collection: IntoCollection = "default",
    again: Annotated[
        bool, typer.Option("--again", help="Ask about what was asked before, too.")
    ] = False,
    calls: Annotated[
        int, typer.Option("--calls", metavar="N", min=1, help="How many calls at most.")
    ] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Have the chat model name and describe templates, their slots and families.

    Several are asked about in a call; what a person renamed keeps its name.
    """
    with looked_at(home) as promptuary, progress() as told:
        report = promptuary.naming.name(
            ids or (), collection=collection, again=again, most_calls=calls, progress=told
        )
    if as_json:
        write_json(report)
    else:
        _print(report)


def doubts(
    collection: IntoCollection = "default",
    calls: Annotated[
        int, typer.Option("--calls", metavar="N", min=1, help="How many calls at most.")
    ] = 20,
    only_list: Annotated[
        bool, typer.Option("--list", help="Only list them; no model is asked, nothing changes.")
    ] = False,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask the chat model about families that may be one; those that it says are become one.

    What it joins can be undone with `correct undo`; what people parted stays apart.
    """
    if only_list:
        with looked_at(home) as promptuary:
            page = promptuary.naming.doubts(collection, cursor=cursor, limit=limit)
        _list_doubts(page, as_json)
        return
    with looked_at(home) as promptuary, progress() as told:
        report = promptuary.naming.settle_doubts(
            collection=collection, most_calls=calls, progress=told
        )
    if as_json:
        write_json(report)
        return
    console().print(
        f"{report.merged:,} merged, {report.different:,} different, {report.refused:,} refused, "
        f"{report.known:,} known before"
    )
    _foot(report)


def _list_doubts(page: Page[DoubtfulPair], as_json: bool) -> None:
    if as_json:
        page_json(page)
        return
    for each in page.items:
        said = f", a model says {each.said}" if each.said else ""
        console().print(Text(f"alike in {each.likeness:.0%} of groupings{said}", "dim"))
        for own, name, texts in zip(each.family_ids, each.names, each.texts, strict=True):
            console().print(Text(f"  {safe(name)}  ").append(own, "dim"))
            console().print(Text(f"    {one_line(texts[0], max(40, console().width - 6))}"))
    foot(console(), page, "doubt")
    if page.items:
        console().print(
            "`correct merge` makes two families one, `correct apart` keeps two of their clusters "
            "apart"
        )


def namings(
    collection: InCollection = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what a model called things and why words were refused, the last first."""
    with looked_at(home) as promptuary:
        page = promptuary.naming.list(collection, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    table = Table("made", "by", "name", "description", "slots", Column("of", overflow="fold"))
    for each in page.items:
        said = each.wording
        called = said.name if said else f"refused: {each.refused}"
        table.add_row(
            f"{each.created_at:%Y-%m-%d %H:%M}",
            safe(each.model),
            safe(called),
            safe(one_line(said.description if said else each.detail, 60)),
            safe(", ".join(f"{one.slot}: {one.name}" for one in said.slots) if said else ""),
            each.own_id,
        )
    console().print(table)
    foot(console(), page, "naming")


def _print(report: NamingReport) -> None:
    out = console()
    out.print(f"{report.named:,} named, {report.refused:,} refused, {report.known:,} known before")
    _foot(report)


def _foot(report: NamingReport | DoubtReport) -> None:
    out = console()
    tokens = report.prompt_tokens + report.completion_tokens
    out.print(f"{report.calls:,} calls, {tokens:,} tokens", style="dim")
    if report.stopped:
        out.print(f"stopped: {report.stopped}; {report.waiting:,} wait")
    elif report.waiting:
        out.print(f"{report.waiting:,} wait: run it again, or allow more --calls")
