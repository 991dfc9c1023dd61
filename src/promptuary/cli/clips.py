"""`promptuary events clip`: links to recordings, or a recording itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.cli.running import REJECTED
from promptuary.domain.clips import ClipLink
from promptuary.domain.errors import InvalidInput, NotFound


def clip(
    ids: Annotated[list[str], typer.Argument(metavar="EVENT…", help="Ids of events.")],
    *,
    minutes: Annotated[
        float | None,
        typer.Option("--expiry-minutes", metavar="N", help="How long links work; at most 1440."),
    ] = None,
    thumbnails: Annotated[bool, typer.Option("--thumbnails", help="Pictures too.")] = False,
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="As somebody who may see only these."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write the recording of one event there."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Make links to the recordings of events, which expire; or write one to a file.

    Recordings lie where the setting `clip_store` says. The exit code is 1 when one has none.
    """
    if output is not None and len(ids) > 1:
        raise InvalidInput("--output takes the recording of one event")
    lifetime = None if minutes is None else timedelta(minutes=minutes)
    with opened(home) as promptuary:
        face = promptuary.conversation
        if output is not None:
            written = face.save_clip(ids[0], output, cameras=camera)
            said = {"event_id": ids[0], "output": str(output), "bytes": written}
            write_json(said) if as_json else console().print(f"{output}: {written:,} bytes")
            return 0
        links = face.clips(ids, cameras=camera, lifetime=lifetime, thumbnails=thumbnails)
    known = {each.event_id for each in links}
    if unknown := [each for each in ids if each not in known]:
        raise NotFound("event", unknown[0])
    if as_json:
        write_json({"clips": links})
    else:
        _print(links)
    return 0 if all(each.available for each in links) else REJECTED


def _print(links: list[ClipLink]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("event", "camera", "until (UTC)", "link"):
        table.add_column(name, overflow="fold")
    for each in links:
        until = f"{each.expires_at:%Y-%m-%d %H:%M}" if each.expires_at else ""
        shown = (each.event_id, each.camera, until, each.url or "no recording")
        table.add_row(*(safe(text) for text in shown))
        if each.thumbnail_url:
            table.add_row("", "", "", safe(each.thumbnail_url))
    console().print(table)
