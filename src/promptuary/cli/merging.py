"""`promptuary merge OTHER_HOME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home, IntoCollection
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import Conflict


def merge(
    other: Annotated[
        Path,
        typer.Argument(metavar="OTHER_HOME", help="The folder to take over; it stays as it is."),
    ],
    collection: IntoCollection = "default",
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Take over the prompts and mature templates of another home, and place everything.

    The outcome is nearly what one home would hold that had seen both. Merging again changes
    nothing. A sender's id known with another text is reported; then the exit code is 1.
    """
    with opened(home) as promptuary, progress() as told:
        report = promptuary.merge(other, collection=collection, progress=told)
    conflicts = [each for each in report.rejected if each.code == Conflict.code]
    if as_json:
        write_json(report)
    else:
        out = console()
        for each in conflicts:
            out.print(f"prompt {each.position}: {safe(each.reason)} [{each.code}]", style="yellow")
        out.print(
            f"{plural(report.accepted, 'prompt')} taken over, {report.duplicates:,} known before; "
            f"{report.placed:,} follow a template, {report.alone:,} stand alone"
        )
    return REJECTED if conflicts else 0
