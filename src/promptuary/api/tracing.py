"""The identity of one request, carried in the ASGI scope from the first byte to the last."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

from starlette.types import Scope

_KEY = "promptuary.trace"
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}")


@dataclass(slots=True)  # changes: who asks is found on the way
class Trace:
    """Ids of a request, when it began, who asked, and headers that its answer will carry."""

    request_id: str
    correlation_id: str
    began: float = field(default_factory=time.perf_counter)
    caller: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long the request has taken so far."""
        return time.perf_counter() - self.began


def begin(scope: Scope, request_id: str | None, correlation_id: str | None) -> Trace:
    """Start a trace. An id that is missing, long or could break a log line is replaced."""
    own = _harmless(request_id) or uuid4().hex
    trace = Trace(own, _harmless(correlation_id) or own)
    scope[_KEY] = trace
    return trace


def trace_of(scope: Scope) -> Trace:
    """The trace of a request that `begin` has seen."""
    return cast("Trace", scope[_KEY])


def _harmless(given: str | None) -> str | None:
    return given if given and _HARMLESS.fullmatch(given) else None
