"""Options that many verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Home: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="The folder to work in; else PROMPTUARY_HOME, else ~/.promptuary.",
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print JSON on standard output, for programs.")
]
InCollection: TypeAlias = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="Only this collection.")
]
IntoCollection: TypeAlias = Annotated[
    str, typer.Option("--collection", metavar="NAME", help="Prompts that are mined together.")
]
Limit: TypeAlias = Annotated[
    int, typer.Option("--limit", min=1, max=100, help="How many to show at most.")
]
Cursor: TypeAlias = Annotated[
    str | None,
    typer.Option("--cursor", help="Go on where the page before ended: the cursor it printed."),
]


def one_of(*known: str) -> Callable[[list[str] | None], list[str] | None]:
    """Check of an option that may be given several times: each value is a known one."""

    def check(values: list[str] | None) -> list[str] | None:
        for value in values or ():
            if value not in known:
                raise typer.BadParameter(f"{value!r} is not one of {', '.join(known)}")
        return values

    return check
