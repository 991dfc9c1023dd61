"""A whole server without a socket: the real facade on a home of its own, asked through ASGI."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from promptuary.api.logs import logger_for
from promptuary.api.server import create_app
from promptuary.app import Promptuary
from promptuary.settings import Settings

LANGUAGES = ("Finnish", "Greek", "Welsh", "Danish", "Basque", "Maltese", "Swahili", "Latvian")
THINGS = ("the harbour opens at nine", "my kettle is broken", "send two chairs", "it rained again")
PROMPTS = [
    *(
        f"Translate the following text to {language}: {thing}"
        for language in LANGUAGES
        for thing in THINGS
    ),
    *(
        f"Summarise support ticket {number} in one short sentence for the night shift."
        for number in range(4100, 4120)
    ),
    "What rhymes with orange?",
    "Plan a quiet weekend in the hills with two dogs.",
]


@dataclass(frozen=True, slots=True)
class Site:
    """A running application: ask it through `client`, read what it logged."""

    app: FastAPI
    promptuary: Promptuary
    client: httpx2.AsyncClient
    written: io.StringIO

    def lines(self) -> list[dict[str, Any]]:
        """The log, parsed."""
        return [json.loads(line) for line in self.written.getvalue().splitlines()]

    async def key(self, *scopes: Any, limit: int | None = None) -> dict[str, str]:
        """The header of a new API key with those scopes."""
        _, secret = await self.promptuary.create_key("test", scopes, rate_limit_per_minute=limit)
        return {"X-API-Key": secret}


@asynccontextmanager
async def serving(
    home: Path, *, now: Any = None, draining: Any = None, **values: Any
) -> AsyncIterator[Site]:
    """Open the home and put the application over it; no limits unless asked for."""
    settings = Settings(home=home, **{"rate_limit_enabled": False, **values})
    written = io.StringIO()
    options = {"now": now, "draining": draining}
    given = {name: value for name, value in options.items() if value is not None}
    async with await Promptuary.open(settings=settings) as promptuary:
        app = create_app(promptuary, settings, log=logger_for(settings, written), **given)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Site(app, promptuary, client, written)
