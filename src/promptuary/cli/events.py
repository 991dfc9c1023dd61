"""`promptuary events import|tail|stats`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from promptuary.cli.clips import clip
from promptuary.cli.conversing import moment
from promptuary.cli.finding_events import search
from promptuary.cli.lazy import bare
from promptuary.cli.listening import listen, report
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.relating import related
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Camera, EventFilter, Intake, Received
from promptuary.domain.incoming import Heard
from promptuary.domain.reports import Progress

app = bare("Take events of cameras in, and look at them.")
app.command()(clip)
app.command()(related)
app.command()(search)
app.command()(listen)
AT_ONCE = 10_000
SHOWN = 10


@app.command("import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="JSON lines, JSON or CSV; `-` is standard input; or `frigate:http://HOST:5000`.",
        ),
    ],
    cameras: Annotated[
        Path | None,
        typer.Option("--cameras", metavar="FILE.json", help="What cameras are called and can see."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Of a source: begun then or later."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Of a source: begun before.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Take events in; the same again changes nothing, and an update changes what it says.

    Each is an object with event_id, camera_id, label and timestamp, or what Frigate calls them.
    Bad ones are named and the rest goes on; then the exit code is 1.
    """
    from promptuary.plugins import schemes  # noqa: PLC0415 - only this verb asks

    sources = [each for each in files if each.partition(":")[0] in schemes("event_sources")]
    if sources and len(files) > 1:
        raise InvalidInput("a source is imported alone")
    if sources:
        return _import_from(sources[0], moment(since), moment(until), home, as_json=as_json)
    done = Received(Intake())
    with opened(home) as promptuary, progress() as told:
        if cameras is not None:
            promptuary.conversation.describe_cameras(read_cameras(cameras))
        for file in map(Path, files):
            rows, first = read_events(file), 1
            while some := list(islice(rows, AT_ONCE)):
                done += promptuary.conversation.add_events(some, first=first)
                first += len(some)
                told(Progress("read", first - 1, None))
    if as_json:
        write_json(done)
    else:
        _print(console(), done)
    return REJECTED if done.refused else 0


def _import_from(
    url: str, since: datetime | None, until: datetime | None, home: Path | None, *, as_json: bool
) -> int:
    """Everything that a source keeps of that time."""
    with opened(home) as promptuary, progress() as told:

        def count(heard: Heard) -> None:
            told(Progress("read", heard.messages, None))

        heard = promptuary.conversation.import_from(url, since=since, until=until, told=count)
    report(heard, as_json=as_json)
    return REJECTED if heard.refused else 0


def _print(out: Console, done: Received) -> None:
    intake = done.intake
    out.print(
        f"{intake.new:,} new, {intake.changed:,} changed, {intake.same:,} the same"
        + (f", {intake.gone:,} deleted before" if intake.gone else "")
    )
    for each in done.refused[:SHOWN]:
        out.print(Text(f"  {each.position}: {safe(each.reason)}", "yellow"))
    if len(done.refused) > SHOWN:
        out.print(Text(f"  and {len(done.refused) - SHOWN:,} more", "yellow"))


def read_events(file: Path) -> Iterator[Mapping[str, Any]]:
    """Rows of a file, streamed. Raises InvalidInput with the line that cannot be read."""
    stream = sys.stdin if str(file) == "-" else _open(file)
    try:
        if file.suffix.lower() == ".csv":
            yield from csv.DictReader(stream)
        elif file.suffix.lower() == ".json":
            yield from _members(json.load(stream))
        else:
            yield from _lines(file, stream)
    except (json.JSONDecodeError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{file}: not readable: {error}") from error
    finally:
        if stream is not sys.stdin:
            stream.close()


def _open(file: Path) -> Any:  # noqa: ANN401 - a stream of text
    try:
        return file.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}") from error


def _lines(file: Path, stream: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - lines of text
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInput(f"{file}:{number}: not JSON: {error.msg}") from error


def _members(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - what the file holds
    if isinstance(value, dict):
        value = value.get("events", [value])
    if not isinstance(value, list):
        raise InvalidInput("a JSON file of events holds a list, or an object with `events`")
    return value


def read_cameras(file: Path) -> list[Camera]:
    """A list of `{camera_id, name?, labels?, zones?}`, or an object with `cameras`."""
    try:
        raw = json.loads(file.read_text("utf-8"))
        rows = raw.get("cameras", []) if isinstance(raw, dict) else raw
        return [
            Camera(
                str(row["camera_id"]),
                str(row.get("name", "")),
                tuple(map(str, row.get("labels", ()))),
                tuple(map(str, row.get("zones", ()))),
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{file}: no list of cameras: {error}") from error


@app.command()
def tail(
    camera: Annotated[
        list[str] | None, typer.Option("--camera", metavar="ID", help="Only of this camera.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="LABEL", help="Only such events.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show the latest events, the newest first."""
    where = EventFilter(cameras=tuple(camera) if camera else None, labels=tuple(label or ()))
    with opened(home) as promptuary:
        page = promptuary.conversation.events(where, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    if not page.items:
        out.print("No events here. Take some in with: promptuary events import FILE")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("time (UTC)", "camera", "label", "description", "id"):
        table.add_column(name, overflow="fold")
    for each in page.items:
        said = one_line(each.description or "", 60)
        named = f"{each.label} {each.sub_label or ''}".strip()
        at = f"{each.start:%Y-%m-%d %H:%M:%S}"
        table.add_row(at, safe(each.camera), safe(named), said, safe(each.id))
    out.print(table)
    foot(out, page, "event")


@app.command()
def stats(home: Home = None, as_json: AsJson = False) -> None:
    """Say what cameras there are, what they see, and since when there are events."""
    with opened(home) as promptuary:
        site = promptuary.conversation.site()
        total = promptuary.conversation.events(limit=1).total
    if as_json:
        write_json({"events": total, "site": site})
        return
    out = console()
    out.print(plural(total, "event"))
    if site.first and site.last:
        out.print(f"from {site.first:%Y-%m-%d %H:%M} to {site.last:%Y-%m-%d %H:%M} UTC")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("camera", "id", "sees", "zones", "recognises"):
        table.add_column(name, overflow="fold")
    for camera in site.cameras:
        table.add_row(
            safe(camera.title),
            safe(camera.id),
            *(safe(", ".join(e)) for e in (camera.labels, camera.zones, camera.people)),
        )
    out.print(table)
