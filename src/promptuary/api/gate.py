"""The way into a route: who asks, may they, and not too often. Before any body is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from starlette.requests import Request

from promptuary.api.keys import Caller, Doors
from promptuary.api.limits import Limiter, TooOften
from promptuary.api.problems import Problem, ProblemRaised
from promptuary.api.tracing import trace_of
from promptuary.domain.keys import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A dependency of every route that is not open. Leaves the caller in the request's state."""

    doors: Doors
    limiter: Limiter
    scope: Scope
    endpoint: str
    per_minute: int | None = None
    instead: tuple[Scope, ...] = ()

    async def __call__(self, request: Request) -> None:
        """Raises Unauthenticated, Forbidden or RateLimited, or lets the caller in."""
        trace = trace_of(request.scope)
        caller = await self.doors.caller(request)
        trace.caller = caller.id
        if not any(map(caller.may, self.instead)):
            caller.require(self.scope)
        now = self.limiter.now
        try:
            standing = await self.limiter.count(self._limited(caller), self.endpoint)
        except TooOften as refused:
            trace.headers.update(refused.standing.headers(now))
            if self.per_minute is not None:
                raise _too_often(refused) from None
            raise
        if standing:
            trace.headers.update(standing.headers(now))
        request.state.caller = caller

    def _limited(self, caller: Caller) -> Caller:
        """With the limit of this route, unless the key has one of its own."""
        if self.per_minute is None or caller.rate_limit_per_minute is not None:
            return caller
        return replace(caller, rate_limit_per_minute=self.per_minute)


def _too_often(refused: TooOften) -> ProblemRaised:
    """With a `detail` that tells its numbers apart, as clients of the older service read it."""
    standing = refused.standing
    told = {
        "error": "Rate limit exceeded",
        "limit": standing.limit,
        "window_size": standing.window,
        "unit": "seconds",
    }
    headers = {"Retry-After": str(max(1, ceil(refused.retry_after)))}
    return ProblemRaised(
        Problem("RATE_LIMITED", str(refused), more={"detail": told}, headers=headers)
    )


def caller_of(request: Request) -> Caller:
    """Who asks, once the gate has let them in."""
    caller: Caller = request.state.caller
    return caller
