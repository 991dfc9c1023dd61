"""`promptuary insights`: what was unusual among the events of cameras, and what it was worth."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from promptuary.cli import muting
from promptuary.cli.conversing import moment
from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.domain.insights import RANGES, Notice
from promptuary.domain.watching import Outlook

COLOURS = {"low": "dim", "medium": "yellow", "high": "red", "critical": "bold red"}


app = bare("Say what was unusual; mute it, and say what it was worth.")
for verb in (muting.mute, muting.mutes, muting.unmute, muting.feedback, muting.heartbeat):
    app.command()(verb)


@app.callback(invoke_without_command=True, no_args_is_help=False)
def insights(
    context: typer.Context,
    over: Annotated[
        Literal["1h", "24h", "7d", "30d"], typer.Option("--range", help="How far to look back.")
    ] = "24h",
    severity: Annotated[
        Literal["low", "medium", "high", "critical"],
        typer.Option("--severity", help="At least that severe."),
    ] = "medium",
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="As somebody who may see only these."),
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="As if it were then (ISO 8601).")
    ] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="What the next six hours bring too.")
    ] = False,
    muted: Annotated[bool, typer.Option("--muted", help="What is muted too.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what was unusual: bursts, unusual hours, silences, long stays, new labels, bad pictures.

    Holidays come from the calendar that the setting `calendar` names.
    """
    if context.invoked_subcommand:
        return
    with opened(home) as promptuary:
        found = promptuary.conversation.insights(
            RANGES[over], now=moment(now), severity=severity, cameras=camera, muted=muted
        )
        ahead = (
            promptuary.conversation.outlook(now=moment(now), cameras=camera)
            if predictions
            else None
        )
    if as_json:
        write_json({"insights": found} | ({"outlook": ahead} if ahead else {}))
        return
    for each in found:
        _print(console(), each)
    if not found:
        console().print(f"nothing unusual in the last {over}")
    if ahead:
        _print_outlook(console(), ahead)


def _print(out: Console, notice: Notice) -> None:
    line = Text()
    line.append(f"{notice.start:%a %d %b %H:%M} ", "dim")
    line.append(f"{notice.severity:<8} ", COLOURS[notice.severity])
    line.append(safe(notice.message))
    if notice.muted:
        line.append(" Muted.", "dim")
    if notice.ongoing:
        line.append(" It goes on.", "bold")
    out.print(line)
    shown = ", ".join(notice.evidence_ids[:3])
    more = len(notice.evidence_ids) - 3
    evidence = f"  events {shown}{f' and {more} more' if more > 0 else ''}" if shown else ""
    out.print(Text(f"    {safe(notice.check)}{safe(evidence)}", "dim"))
    lasted = "" if notice.ongoing else f"until {_clock(notice.end, notice.start)}, "
    noticed = f"{lasted}noticed {_clock(notice.detected_at, notice.start)}"
    out.print(Text(f"    {noticed}, by chance {_odds(notice.p_value)}", "dim"))
    out.print(Text(f"    insight {notice.id}", "dim"))


def _clock(at: datetime, day: datetime) -> str:
    return f"{at:%H:%M}" if at.date() == day.date() else f"{at:%a %d %b %H:%M}"


def _odds(p_value: float) -> str:
    """How seldom as much comes of itself, in round numbers."""
    if p_value < 1e-9:
        return "less than once in a billion"
    return f"once in {float(f'{1 / p_value:.1g}'):,.0f}"


def _print_outlook(out: Console, outlook: Outlook) -> None:
    """Every hour of each camera and label that may see two or more: the count to be expected, and
    its interval."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("camera", "label"):
        table.add_column(title, overflow="fold")
    hours = sorted({each.start for each in outlook.predictions})
    for each in hours:
        table.add_column(f"{each:%H:%M}", justify="right")
    rows: dict[tuple[str, str], dict[datetime, str]] = {}
    lively = {(e.camera_id, e.label) for e in outlook.predictions if e.high > 1}
    quiet = {(e.camera_id, e.label) for e in outlook.predictions} - lively
    for one in outlook.predictions:
        if (one.camera_id, one.label) in quiet:
            continue
        shown = f"{one.expected:.0f} ({one.low}-{one.high})"
        rows.setdefault((one.camera_id, one.label), {})[one.start] = shown
    for (camera, label), cells in rows.items():
        table.add_row(safe(camera), safe(label), *(cells.get(each, "") for each in hours))
    if rows:
        out.print(table)
    if quiet:
        out.print(f"at most one an hour: {len(quiet)} more of camera and label", style="dim")
    known = outlook.accuracy
    share = f"{known.coverage:.0%} of {known.scored}" if known.scored else "none yet"
    out.print(f"predictions that held so far: {share}", style="dim")
