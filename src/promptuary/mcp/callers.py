"""Who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mcp.server.context import ServerRequestContext

from promptuary.domain.errors import Forbidden
from promptuary.domain.keys import SCOPES, Scope

STATE: Final = "promptuary_caller"
"""Under this name the door leaves the caller in the state of a request."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` is written beside what they do."""

    name: str
    scopes: tuple[Scope, ...]
    tenant: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether the scope is theirs; `admin` includes the others."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises Forbidden without the scope."""
        if not self.may(scope):
            raise Forbidden(f"this needs the scope {scope}; the key has {', '.join(self.scopes)}")


OWNER: Final = Caller("owner", SCOPES)
"""Who started the server on standard input and output: whose home it is."""


def caller_of(context: ServerRequestContext[Any, Any]) -> Caller:
    """Who sent this message."""
    if context.request is None:
        return OWNER
    found: Caller = getattr(context.request.state, STATE)
    return found
