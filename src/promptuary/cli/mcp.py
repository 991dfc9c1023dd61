"""`promptuary mcp`: the prompt library for assistants, by the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.domain.errors import MissingExtra


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Listen for HTTP at /mcp instead of standard input.")
    ] = False,
    host: Annotated[
        str | None, typer.Option("--host", help="Listen here; else PROMPTUARY_HOST, else loopback.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: ARG001 - what it writes is JSON anyhow
) -> None:
    """Serve kept prompts to an assistant, over standard input and output unless said.

    Over HTTP it is open without a key only on loopback, as `serve` is.
    """
    try:
        from promptuary.mcp.serving import serve_http, serve_stdio  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise MissingExtra("the Model Context Protocol", "mcp") from error
    given = {"host": host, "port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = settings_of(home).model_copy(update=changes)
    (serve_http if http else serve_stdio)(settings)
