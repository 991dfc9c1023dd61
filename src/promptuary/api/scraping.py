"""A port of its own for those that only scrape: the same server, `/metrics` and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from promptuary.api.sockets import listening
from promptuary.settings import Settings

SCRAPED = "/metrics"


@dataclass(frozen=True, slots=True)
class ScrapeDoor:
    """ASGI middleware: what comes in through `port` gets the metrics or nothing."""

    app: ASGIApp
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whatever came by another port."""
        _, port = scope.get("server") or ("", None)
        if port != self.port or (scope["type"] == "http" and scope["path"] == SCRAPED):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            said = f"on this port there is only {SCRAPED}\n"
            await PlainTextResponse(said, status_code=404)(scope, receive, send)


@contextmanager
def scraped(settings: Settings) -> Iterator[list[socket]]:
    """The listener for that, if there is to be one besides the server's own."""
    wanted = settings.metrics_port if settings.metrics_enabled else None
    if wanted is None or wanted == settings.port != 0:
        yield []
        return
    with listening(settings.host, wanted, "PROMPTUARY_METRICS_PORT") as listener:
        yield [listener]
