"""The protocol over streamable HTTP: an application that serves alone or inside another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request

from promptuary.domain.keys import Scope
from promptuary.library.face import Library
from promptuary.mcp.callers import STATE, Caller
from promptuary.mcp.server import server_of

PATH: Final = "/mcp"
MOST_BODY_BYTES: Final = 4 * 1024 * 1024
MOST_SESSIONS: Final = 1000


def application(library: Library, host: str) -> Starlette:
    """Answers at `/mcp` while its lifespan runs. Whoever is let in must have been named before, by
    `let_in`; `host` is where it listens."""
    return server_of(library).streamable_http_app(
        streamable_http_path=PATH,
        host=host,
        max_request_body_size=MOST_BODY_BYTES,
        max_sessions=MOST_SESSIONS,
    )


def let_in(request: Request, name: str, scopes: Sequence[Scope], tenant: str) -> None:
    """Note who sends a request, for what answers it."""
    setattr(request.state, STATE, Caller(name, tuple(scopes), tenant))
