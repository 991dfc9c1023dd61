"""`promptuary converse`: one question over events, or one after another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, one_line, safe, write_json
from promptuary.domain.conversations import Reply, Turn
from promptuary.domain.errors import InvalidInput, Rejected

ENDS = ("end", "exit", "quit")
BAR = "▏▎▍▌▋▊▉█"
WIDTH = 24
Ask: TypeAlias = Callable[[str, str | None], Turn]


def converse(
    question: Annotated[
        str | None, typer.Argument(help="Without one you are asked, until you say `end`.")
    ] = None,
    *,
    goes_on: Annotated[
        str | None,
        typer.Option("--conversation", metavar="ID", help="Go on with this conversation."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="NAME", help="Such as Europe/Istanbul.")
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="As if it were then (ISO 8601).")
    ] = None,
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="As somebody who may see only these."),
    ] = None,
    evidence: Annotated[
        int, typer.Option("--evidence", min=1, max=50, help="How many events to show.")
    ] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask your cameras: an exact answer with its evidence, or why there is none.

    The exit code is 0 for an answer and 1 for a refusal.
    """
    at = moment(now)
    with opened(home) as promptuary:

        def asked(text: str, conversation_id: str | None) -> Turn:
            return promptuary.conversation.converse(
                text,
                conversation_id=conversation_id,
                cameras=camera,
                timezone=timezone,
                now=at,
                limit=evidence,
            )

        if question is None:
            _talk(console(), asked, goes_on, as_json=as_json)
            return
        turn = asked(question, goes_on)
    _show(console(), turn, as_json=as_json)
    if turn.reply.refused:
        raise typer.Exit(1)


def moment(text: str | None) -> datetime | None:
    """A time as typed; without a zone it is this machine's. Raises InvalidInput."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"no time: {text}", fields={"now": "not ISO 8601"}) from error
    return at if at.tzinfo else at.astimezone()


def _talk(out: Console, asked: Ask, conversation_id: str | None, *, as_json: bool) -> None:
    """Turn after turn until one of ENDS, or the end of the input."""
    while True:
        try:
            question = out.input(Text("? ", "bold")).strip()
        except EOFError:
            return
        if question.casefold() in ENDS:
            return
        if not question:
            continue
        try:
            turn = asked(question, conversation_id)
        except Rejected as error:
            out.print(Text(safe(str(error)), "red"))
            continue
        conversation_id = turn.conversation.id
        _show(out, turn, as_json=as_json)


def _show(out: Console, turn: Turn, *, as_json: bool) -> None:
    reply = turn.reply
    if as_json:
        write_json({"conversation_id": turn.conversation.id, "reply": reply})
        return
    out.print(Text(safe(reply.text), "yellow" if reply.refused else ""))
    _breakdown(out, reply)
    if reply.plan and reply.plan.operation == "clip":
        for clip in (each for each in reply.clips if each.available):
            out.print(Text(f"  ▶ {safe(clip.url)}", "bold"), soft_wrap=True)
    for each in reply.evidence:
        said = one_line(each.description or each.label, 70)
        row = Text(f"  {each.start:%Y-%m-%d %H:%M:%S}Z ", "dim").append(safe(each.camera), "cyan")
        out.print(row.append(f" {said} ").append(safe(each.id), "dim"))
    for other in reply.alternatives:
        out.print(Text(f"  {safe(other.text)}: {other.value}", "dim"))
    if reply.understood:
        notes = "".join(f"; {safe(each)}" for each in reply.plan.because) if reply.plan else ""
        line = f"understood as: {safe(reply.understood)} (confidence {reply.confidence:.2f}{notes})"
        out.print(Text(line, "dim"))
    for idea in reply.follow_ups:
        out.print(Text(f"→ {safe(idea)}", "dim"))


def _breakdown(out: Console, reply: Reply) -> None:
    """Bars for parts, where there are several."""
    most = max((part.count for part in reply.breakdown), default=0)
    if len(reply.breakdown) < 2 or not most:
        return
    for part in reply.breakdown[:31]:
        full, over = divmod(round(part.count / most * WIDTH * len(BAR)), len(BAR))
        bar = BAR[-1] * full + (BAR[over - 1] if over else "")
        out.print(Text(f"  {safe(part.title):<20.20} ").append(f"{bar:<{WIDTH}}", "green")
                  .append(f" {part.count:,}"))  # fmt: skip
