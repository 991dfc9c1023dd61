"""`promptuary knowledge calibrate`: confidence made true for one collection."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptuary.answering.evaluating.labelled import read_gold
from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json

app = bare("Make confidence true for your own documents.")


@app.callback()
def knowledge() -> None:
    """Make confidence true for your own documents."""


@app.command()
def calibrate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="QA.jsonl", help="Rows {question, answers}, or {question, unanswerable}."
        ),
    ],
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="Whose confidence it is.")
    ] = "default",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask questions whose answers are known, and fit confidence to how many come out right.

    It takes twenty right answers and twenty wrong ones at least. The order of answers stays as it
    is; only the probabilities change.
    """
    gold = read_gold(file)
    with opened(home) as promptuary:
        found = promptuary.calibrate(gold, collection=collection)
    if as_json:
        write_json(found)
        return
    out = console()
    out.print(f"{found.right:,} of {found.labels:,} answers are right")
    out.print(
        f"calibration error {found.error_before:.3f} before, {found.error_after:.3f} after, "
        "on the same questions"
    )
