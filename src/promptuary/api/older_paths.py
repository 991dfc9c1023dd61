"""Paths of older clients, led to where things are served today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from promptuary.api.operations import PREFIX

PROXIED = f"{PREFIX}/enhanced-prompt/"
"""What a proxy of older clients puts before a path, whatever the method."""
_API = "/api/"
SOCKETS = "/ws/"
"""Where older clients look for a WebSocket; answers stream over SSE and NDJSON."""
GONE = 3000
"""The code that such a socket is closed with: do not try again."""


def versions(paths: Iterable[str]) -> frozenset[str]:
    """What follows `/api/` in paths that are served."""
    return frozenset(path.split("/")[2] for path in paths if path.startswith(_API))


@dataclass(frozen=True, slots=True)
class OlderPaths:
    """ASGI middleware: what comes behind `PROXIED` is served as without it, and a GET of
    `/api/REST` is sent on to `/api/v1/REST`, unless something of that name is served (`taken`).
    A WebSocket below `SOCKETS` is opened and closed with `GONE` and where to ask instead."""

    app: ASGIApp
    taken: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or send on."""
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith(PROXIED):
                scope["path"] = f"{PREFIX}/{path.removeprefix(PROXIED)}"
                scope["raw_path"] = quote(scope["path"]).encode()
            elif self._unversioned(scope["method"], path):
                whole = f"{PREFIX}/{quote(path.removeprefix(_API))}"
                target = URL(whole).replace(query=scope["query_string"].decode("latin-1"))
                await RedirectResponse(str(target), 301)(scope, receive, send)
                return
        elif scope["type"] == "websocket" and scope["path"].startswith(SOCKETS):
            socket = WebSocket(scope, receive, send)
            await socket.accept()
            await socket.close(GONE, f"ask {PREFIX}/conversation, which streams")
            return
        await self.app(scope, receive, send)

    def _unversioned(self, method: str, path: str) -> bool:
        rest = path.removeprefix(_API)
        named = rest.split("/")[0]
        return bool(
            method in {"GET", "HEAD"} and rest != path and named and named not in self.taken
        )
