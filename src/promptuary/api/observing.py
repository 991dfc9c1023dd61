"""The outermost layer: ids, headers, a log line and a measurement a request, no error unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from promptuary.api.logs import frames_of
from promptuary.api.metering import Meters
from promptuary.api.problems import Problem, response
from promptuary.api.tracing import Trace, begin

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
CLIENT_GONE: Final = 499
"""What is logged for a client that hung up; nobody is there to read an answer."""


@dataclass(frozen=True, slots=True)
class Observing:
    """ASGI middleware; see the module."""

    app: ASGIApp
    log: FilteringBoundLogger
    meters: Meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch what becomes of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace = begin(scope, headers.get("x-request-id"), headers.get("x-correlation-id"))
        sending = _Sending(send, trace)
        status = None
        try:
            await self.app(scope, receive, sending)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:  # noqa: BLE001  (whatever it is, the client gets a problem)
            self._unexpected(trace, error)
            if sending.status is None:
                problem = Problem("INTERNAL_ERROR", "the server log says more under request_id")
                await response(scope, problem)(scope, receive, sending)
        self._done(scope, trace, status or sending.status or 500)

    def _unexpected(self, trace: Trace, error: Exception) -> None:
        self.log.error(
            "unexpected_error",
            request_id=trace.request_id,
            error=type(error).__name__,
            cause=type(error.__cause__).__name__ if error.__cause__ else None,
            frames=frames_of(error),
        )

    def _done(self, scope: Scope, trace: Trace, status: int) -> None:
        endpoint = getattr(scope.get("route"), "path", None)
        seconds = trace.seconds
        self.meters.request(scope["method"], endpoint, status, seconds)
        self.log.info(
            "request",
            request_id=trace.request_id,
            correlation_id=trace.correlation_id,
            method=scope["method"],
            endpoint=endpoint,
            path=scope["path"],
            status=status,
            seconds=round(seconds, 6),
            caller=trace.caller,
            client=scope["client"][0] if scope.get("client") else None,
        )


@dataclass(slots=True)  # changes: it notes the status that was sent
class _Sending:
    """Adds the headers that every answer carries."""

    send: Send
    trace: Trace
    status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {
                "X-Request-ID": self.trace.request_id,
                "X-Correlation-ID": self.trace.correlation_id,
                "X-Response-Time": f"{self.trace.seconds:.3f}",
                **self.trace.headers,
            }
            raw = [(name.lower().encode(), value.encode()) for name, value in own.items()]
            message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS, *raw]
        await self.send(message)
