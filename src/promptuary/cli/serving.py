"""`promptuary serve` and `promptuary worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Listen here; else PROMPTUARY_HOST, else loopback.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: ARG001 - its log is JSON anyhow
) -> None:
    """Serve the HTTP API until stopped. Open without a key only on loopback."""
    from promptuary.api.server import serve as serve_http  # noqa: PLC0415 - fastapi is slow

    given = {"host": host, "port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    serve_http(settings_of(home).model_copy(update=changes))


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when no job is due.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Run deferred work, such as placing after `ingest --no-place`, until stopped."""
    with opened(home) as promptuary:
        promptuary.work(once=once)
        waiting = promptuary.jobs(state="waiting", limit=1).total
        failed = promptuary.jobs(state="failed", limit=1).total
    if as_json:
        write_json({"waiting": waiting, "failed": failed})
    else:
        console().print(f"no job is due; {waiting:,} wait for later, {failed:,} failed for good")
