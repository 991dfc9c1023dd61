"""`promptuary insights mute|mutes|unmute|feedback`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

import typer
from rich.table import Table

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, page_json, safe, write_json
from promptuary.conversation.noticing import About
from promptuary.domain.errors import InvalidInput
from promptuary.domain.insights import InsightType
from promptuary.domain.watching import Feedback, Mute

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def mute(
    camera: Annotated[
        str, typer.Option("--camera", metavar="ID", help="Of this camera; else of all.")
    ] = "",
    label: Annotated[str, typer.Option("--label", help="Of this label; else of all.")] = "",
    type: Annotated[InsightType | None, typer.Option("--type", help="Of this type only.")] = None,
    span: Annotated[
        str, typer.Option("--for", metavar="SPAN", help="How long, such as 90m, 8h or 7d.")
    ] = "8h",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Do not tell such insights to anybody for a time, nor those that go on now."""
    with opened(home) as promptuary:
        about = About(camera, label, type or "")
        made = promptuary.conversation.mute_insights(about, _span(span), reason=reason)
    if as_json:
        write_json(made)
    else:
        console().print(f"muted until {made.until:%Y-%m-%d %H:%M} UTC: {made.id}")


def mutes(
    ended: Annotated[
        bool, typer.Option("--ended", help="Those that ended or were undone too.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what is muted, the latest first."""
    with opened(home) as promptuary:
        page = promptuary.conversation.insight_mutes(ended=ended, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    table = _table("id", "what", "until", "reason")
    for each in page.items:
        undone = f"undone {each.ended_at:%d %b %H:%M}" if each.ended_at else ""
        table.add_row(
            each.id, _what(each), undone or f"{each.until:%d %b %H:%M}", safe(each.reason)
        )
    out.print(table)
    foot(out, page, "mute")


def unmute(
    mute_id: Annotated[str, typer.Argument(metavar="ID", help="As `insights mutes` shows it.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tell such insights again, those of the meantime too."""
    with opened(home) as promptuary:
        undone = promptuary.conversation.unmute_insights(mute_id)
    if as_json:
        write_json(undone)
    else:
        console().print(f"{_what(undone)}: told again")


def heartbeat(
    cameras: Annotated[list[str], typer.Argument(metavar="CAMERA…", help="Those that are alive.")],
    every: Annotated[
        str, typer.Option("--every", metavar="SPAN", help="When the next one comes at the latest.")
    ] = "1m",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say that cameras are alive; one that stays away three times is told as silent."""
    with opened(home) as promptuary:
        promptuary.conversation.heartbeat(cameras, every=_span(every))
    if as_json:
        write_json({"heard": len(set(cameras))})


def feedback(
    insight_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="As `insights --json` gives it; without: all feedback."),
    ] = None,
    verdict: Annotated[
        Literal["useful", "false_alarm", "withdrawn"] | None,
        typer.Argument(metavar="VERDICT", help="useful, false_alarm, or withdrawn."),
    ] = None,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="Why.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what an insight was worth, so that its like is told more or less easily; or list that."""
    if insight_id is not None and verdict is None:
        raise InvalidInput("say what it was worth: useful, false_alarm or withdrawn")
    with opened(home) as promptuary:
        talk = promptuary.conversation
        if insight_id is None or verdict is None:
            page = talk.insight_feedback(cursor=cursor, limit=limit)
            given: list[Feedback] = list(page.items)
        else:
            given = [talk.judge_insight(insight_id, verdict, comment=comment)]
            page = None
    if as_json:
        page_json(page) if page else write_json(given[0])
        return
    out = console()
    table = _table("when", "insight", "verdict", "what", "told from", "comment")
    for each in given:
        table.add_row(
            f"{each.at:%d %b %H:%M}",
            each.insight_id,
            each.verdict,
            safe(f"{each.type} {each.camera_id}"),
            f"{_chance(each.before)} to {_chance(each.after)}",
            safe(each.comment),
        )
    out.print(table)
    if page:
        foot(out, page, "verdict")


def _chance(decades: float) -> str:
    """How much of the usual chance is told."""
    return f"{10**-decades:.3g}x"


def _what(mute: Mute) -> str:
    about = [each for each in (mute.type, mute.camera_id, mute.label) if each]
    return safe(" ".join(about) or "everything")


def _span(text: str) -> timedelta:
    """A span as typed. Raises InvalidInput."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([mhd])", text.strip())
    if found is None:
        raise InvalidInput(f"no span: {text}; such as 90m, 8h or 7d", fields={"for": "no span"})
    return float(found[1]) * UNITS[found[2]]


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
