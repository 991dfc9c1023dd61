"""Assistants at `/mcp` of the server itself, behind the same keys, tokens and limits as all else.

What speaks the protocol is loaded with the first request: most servers never need it.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Final

from anyio import sleep_forever, to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from promptuary.api.gate import Gate, caller_of
from promptuary.domain.errors import Unavailable
from promptuary.library.face import Library

PATH: Final = "/mcp"
NEEDS: Final = "library:read"
NAME: Final = "assistants"


def installed() -> bool:
    """Whether the extra `mcp` is."""
    return find_spec("mcp") is not None


class Assistants:
    """The protocol's application, which answers while `run` does."""

    def __init__(self, library: Library, host: str) -> None:
        self._library = library
        self._host = host
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._app: ASGIApp | None = None

    async def run(self) -> None:
        """Load it once somebody asks, and keep it until cancelled."""
        await self._wanted.wait()
        await to_thread.run_sync(_loaded)
        from promptuary.mcp.mounting import application  # noqa: PLC0415 - an extra

        app = application(self._library, self._host)
        try:
            async with app.router.lifespan_context(app):
                self._app = app
                self._ready.set()
                await sleep_forever()
        finally:
            self._app = None
            self._ready.set()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer somebody who was let in. Raises Unavailable while the server stops."""
        self._wanted.set()
        await self._ready.wait()
        if self._app is None:
            raise Unavailable("the server is stopping")
        from promptuary.mcp.mounting import let_in  # noqa: PLC0415 - an extra

        request = Request(scope)
        caller = caller_of(request)
        let_in(request, caller.id, caller.scopes, caller.tenant)
        await self._app(scope, receive, send)


class Guarded:
    """The way in to them, as an application: the gate that every route has, then they."""

    def __init__(self, gate: Gate, inner: Assistants) -> None:
        self._gate = gate
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Unauthenticated, Forbidden or RateLimited, or lets the request in."""
        await self._gate(Request(scope))
        await self._inner.answer(scope, receive, send)


def _loaded() -> None:
    """In a thread, as it takes most of a second."""
    import promptuary.mcp.mounting  # noqa: F401, PLC0415 - an extra
