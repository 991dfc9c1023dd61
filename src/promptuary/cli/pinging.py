"""`promptuary ping`: is every provider of chat models there, and does it take our key?"""

from __future__ import annotations

import anyio
from rich.text import Text

from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.cli.running import UNAVAILABLE
from promptuary.domain.chats import PingState, ProviderHealth

STYLES: dict[PingState, str] = {
    "connected": "green",
    "not configured": "dim",
    "failed": "bold red",
}


def ping(home: Home = None, as_json: AsJson = False) -> int:
    """Ask every provider of chat models for next to nothing; exit code 3 if one fails."""
    asked = anyio.run(_ping, home)
    failed = any(each.state == "failed" for each in asked)
    if as_json:
        write_json({"ok": not failed, "providers": asked})
    else:
        out = console()
        for each in asked:
            out.print(_line(each))
    return UNAVAILABLE if failed else 0


async def _ping(home: Home) -> list[ProviderHealth]:
    from promptuary.adapters.clocks.system import SystemClock  # noqa: PLC0415 - not for help
    from promptuary.providers import ping as ping_all  # noqa: PLC0415 - pydantic, vendors

    return await ping_all(settings_of(home), SystemClock())


def _line(each: ProviderHealth) -> Text:
    line = Text(f"{each.state:<15}", STYLES[each.state])
    line.append(f"{each.provider:<10}", "bold").append(safe(each.model), "none")
    detail = safe(each.detail) or f"replies in {each.took_ms:.0f} ms"
    return line.append(f"  {detail}" if each.model else detail, "dim")
