"""`promptuary moderation`: what was refused, and what people decide about it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Column, Table

from promptuary.cli.lazy import bare
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, safe, write_json
from promptuary.cli.running import REJECTED

app = bare("See what moderation refused, and release or reject it.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Of the prompt.")]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who decides; it is kept with the decision.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept too.")]
NOBODY = "somebody"


@app.command("list")
def list_(
    collection: InCollection = None,
    texts: Annotated[
        bool, typer.Option("--texts", help="Show how they begin; they may hold secrets.")
    ] = False,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List refused prompts that nobody has decided about, newest first."""
    with looked_at(home) as promptuary:
        page = promptuary.moderation.list(collection, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    table = Table(Column("id", overflow="fold"), "why", "sent", *(["text"] if texts else []))
    for each in page.items:
        begins = [one_line(each.text, 40)] if texts else []
        table.add_row(each.id, safe(each.verdict.reason or ""), f"{each.count:,}", *begins)
    console().print(table)
    foot(console(), page, "prompt")


@app.command()
def reviews(
    collection: InCollection = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what was decided, by whom and why, the last first."""
    with looked_at(home) as promptuary:
        page = promptuary.moderation.reviews(collection, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    table = Table("when", "by", "decision", "why", Column("prompt", overflow="fold"))
    for each in page.items:
        when = f"{each.created_at:%Y-%m-%d %H:%M}"
        table.add_row(when, safe(each.by), each.decision, safe(each.reason), each.prompt_id)
    console().print(table)
    foot(console(), page, "review")


@app.command()
def release(
    prompt: Id, reason: Reason = "", by: By = NOBODY, home: Home = None, as_json: AsJson = False
) -> None:
    """Let a refused prompt be one like any other; its text is not refused again."""
    with looked_at(home) as promptuary:
        placed = promptuary.moderation.release(prompt, by=by, reason=reason)
    if as_json:
        write_json(placed)
    else:
        where = "placed under a template" if placed.placement else "standing alone for now"
        console().print(f"released, {where}")


@app.command()
def reject(
    prompt: Id, reason: Reason = "", by: By = NOBODY, home: Home = None, as_json: AsJson = False
) -> None:
    """Leave a refused prompt aside for good; it can be released later all the same."""
    with looked_at(home) as promptuary:
        review = promptuary.moderation.reject(prompt, by=by, reason=reason)
    if as_json:
        write_json(review)
    else:
        console().print("it stays aside, and is listed no more")


@app.command()
def check(
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="A text, or - to read a pipe.")],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Say what moderation thinks of a text; nothing is kept. It ends with 1 for a refusal."""
    with looked_at(home) as promptuary:
        (verdict,) = promptuary.moderation.check([sys.stdin.read() if text == "-" else text])
    if as_json:
        write_json(verdict)
    else:
        console().print(safe(verdict.reason or verdict.text or "allowed"))
    return 0 if verdict.allowed else REJECTED
