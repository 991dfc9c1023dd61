"""`promptuary conversations import|list|export`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, page_json, safe, write_json
from promptuary.cli.running import REJECTED

app = bare("Take conversations over, and look at them.")
SHOWN = 10
User = Annotated[
    str, typer.Option("--user", metavar="ID", help="Whose: the id of a key, or a token's subject.")
]
MINE = "local"


@app.command("import")
def import_(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where they are kept: `redis://HOST:6379/0`.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Take over the conversations that an older service keeps in Redis; nothing changes there.

    Each stays its user's. Again it takes only what came since. What cannot be read is named and
    the rest goes on; then the exit code is 1.
    """
    with opened(home) as promptuary:
        done = promptuary.conversation.import_conversations(url)
    if as_json:
        write_json(done)
    else:
        out = console()
        out.print(
            f"{done.new:,} new conversations, {done.grew:,} grew, {done.same:,} the same, "
            f"{done.expired:,} over, {done.refused:,} refused; {done.messages:,} messages, "
            f"{done.lost:,} could not be read"
        )
        for each in done.reasons[:SHOWN]:
            out.print(Text(f"  {safe(each)}", "yellow"))
    return REJECTED if done.refused or done.lost else 0


@app.command("list")
def list_(
    user: User = MINE,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show the conversations of a user, the latest first."""
    with opened(home) as promptuary:
        page = promptuary.conversation.conversations(user=user, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("conversation", "turns", "last activity (UTC)"):
        table.add_column(name, overflow="fold")
    for each in page.items:
        table.add_row(safe(each.id), f"{each.turns:,}", f"{each.last_activity:%Y-%m-%d %H:%M}")
    out = console()
    out.print(table)
    foot(out, page, "conversation")


@app.command()
def export(
    conversation: Annotated[str, typer.Argument(metavar="ID", help="Which one.")],
    user: User = MINE,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print everything that was said in a conversation."""
    with opened(home) as promptuary:
        found = promptuary.conversation.export(conversation, user=user)
    if as_json:
        write_json(found)
        return
    out = console()
    for each in found.messages:
        style = "bold" if each.role == "user" else ""
        out.print(
            Text(f"{each.at:%Y-%m-%d %H:%M} {each.role}: ", "dim").append(safe(each.text), style)
        )
