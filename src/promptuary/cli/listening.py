"""`promptuary events listen`, and the past of a source for `promptuary events import`."""

from __future__ import annotations

from typing import Annotated

import anyio
import typer
from rich.text import Text

from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.domain.incoming import Heard


def listen(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="`mqtt://HOST:1883`, `frigate:http://HOST:5000`.")
    ],
    *,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, metavar="N", help="Stop after so long.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take events from a broker or a recorder as they come, until stopped.

    A source that goes away is waited for. What it kept since the last event that is known comes
    first. The server does the same with the sources of the setting `event_sources`.
    """
    from promptuary.app import Promptuary  # noqa: PLC0415 - vendors are slow to import

    out = console()
    latest = [Heard()]

    def told(heard: Heard) -> None:
        if heard.away and heard.away != latest[0].away and not as_json:
            out.print(Text(f"away: {safe(heard.away)}; waiting", "yellow"))
        latest[0] = heard

    async def run() -> None:
        async with await Promptuary.open(settings=settings_of(home)) as promptuary:
            with anyio.move_on_after(seconds):
                await promptuary.conversation.listen(url, told=told)

    try:
        anyio.run(run)
    finally:
        report(latest[0], as_json=as_json)


def report(heard: Heard, *, as_json: bool) -> None:
    """What came of it."""
    if as_json:
        write_json(heard)
        return
    out = console()
    out.print(
        f"{heard.messages:,} messages: {heard.new:,} new events, {heard.changed:,} changed, "
        f"{heard.same:,} the same, {heard.refused:,} refused"
    )
    if heard.reason:
        out.print(Text(f"  the last refused: {safe(heard.reason)}", "yellow"))
