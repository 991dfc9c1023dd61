"""The way into a route: who asks, may they, and not too often. Before any body is read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from promptuary.api.keys import Caller, Doors
from promptuary.api.limits import Limiter, TooOften
from promptuary.api.tracing import trace_of
from promptuary.domain.keys import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A dependency of every route that is not open. Leaves the caller in the request's state."""

    doors: Doors
    limiter: Limiter
    scope: Scope
    endpoint: str

    async def __call__(self, request: Request) -> None:
        """Raises Unauthenticated, Forbidden or RateLimited, or lets the caller in."""
        trace = trace_of(request.scope)
        caller = await self.doors.caller(request)
        trace.caller = caller.id
        caller.require(self.scope)
        now = self.limiter.now
        try:
            standing = await self.limiter.count(caller, self.endpoint)
        except TooOften as refused:
            trace.headers.update(refused.standing.headers(now))
            raise
        if standing:
            trace.headers.update(standing.headers(now))
        request.state.caller = caller


def caller_of(request: Request) -> Caller:
    """Who asks, once the gate has let them in."""
    caller: Caller = request.state.caller
    return caller
