"""`promptuary configure`: keeps the key of a provider where only this user can read it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, write_json


def configure(
    api_key: Annotated[
        str, typer.Option("--api-key", metavar="PROVIDER", help="Whose key it is, as `openai`.")
    ],
    key: Annotated[
        str | None,
        typer.Argument(metavar="KEY", help="The key itself; else it is read from standard input."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep the key of a provider in a file; it is not shown again."""
    from promptuary.providers import keep_key  # noqa: PLC0415 - pydantic is slow to import

    path = keep_key(api_key, (key if key is not None else _read()).strip())
    if as_json:
        write_json({"provider": api_key, "kept": str(path)})
    else:
        console().print(f"kept in {path}")


def _read() -> str:
    """One line of standard input; asked for without an echo where a person sits there."""
    if sys.stdin.isatty():
        return str(typer.prompt("key", hide_input=True, err=True))
    return sys.stdin.readline()
