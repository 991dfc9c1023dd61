"""`promptuary costs`: what traffic costs to send, and what of it is said again and again."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, IntoCollection, Limit
from promptuary.cli.printing import console, foot, one_line, safe, write_json
from promptuary.domain.costs import CostView


def costs(
    collection: IntoCollection = "default",
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="Whose price to take: openai/gpt-4o-mini."),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what the prompts cost to send: tokens by template, repeated, cacheable, in dollars.

    Tokens are counted by a rule of thumb, a quarter of the bytes; each model counts otherwise.
    """
    with looked_at(home) as promptuary:
        asked = promptuary.traffic.costs
        view = asked(collection, model=model, cursor=cursor, limit=limit)
    if as_json:
        write_json(view)
        return
    _print(view)


def _print(view: CostView) -> None:
    out, total = console(), view.total
    tokens = max(1, total.tokens)
    out.print(f"{total.sent:,} prompts sent, {total.tokens:,} tokens{_money(total.dollars)}")
    out.print(f"{view.explained:.1%} of them follow a template, {view.explained_tokens:.1%} of it")
    for what, part in (
        ("sent before, word for word", total.repeated),
        ("sent before in another form", total.alike),
        ("template text", total.fixed),
        ("a beginning that a provider can keep", total.cacheable),
    ):
        out.print(f"{part:>14,} tokens ({part / tokens:.1%}) are {what}")
    counted = ("tokens", "share", "prompts", "cacheable", "dollars")
    table = Table(*counted, "template", Column("cluster", overflow="fold"))
    for each in view.templates.items:
        counts = each.counts
        money = "" if counts.dollars is None else f"{counts.dollars:,.4f}"
        table.add_row(
            f"{counts.tokens:,}", f"{each.share:.1%}", f"{counts.sent:,}",
            f"{counts.cacheable:,}", money, safe(one_line(each.template, 40)), each.lineage_id,
        )  # fmt: skip
    out.print(table)
    foot(out, view.templates, "template")


def _money(dollars: float | None) -> str:
    return "" if dollars is None else f", {dollars:,.4f} US dollars"
