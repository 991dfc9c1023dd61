"""Errors as RFC 9457 problems (`application/problem+json`) with stable codes.

One body serves every reader: the standard members, and those that older clients look for (`error`,
`message`, `details`, `field_errors`, ...). Nothing in it comes from a stack trace.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response
from starlette.types import Scope

from promptuary.api.tracing import trace_of
from promptuary.domain import errors

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for: its HTTP status and a title that never changes."""

    status: int
    title: str


CODES: Mapping[str, Meaning] = {
    "REJECTED": Meaning(400, "The request cannot be fulfilled"),
    "MODERATION_REFUSED": Meaning(400, "Moderation refused the prompt"),
    "MISSING_API_KEY": Meaning(401, "No API key was given"),
    "INVALID_API_KEY": Meaning(401, "The API key is not valid"),
    "FORBIDDEN": Meaning(403, "The API key lacks the scope"),
    "NOT_FOUND": Meaning(404, "Nothing lives under that id"),
    "ROUTE_NOT_FOUND": Meaning(404, "There is no such route"),
    "METHOD_NOT_ALLOWED": Meaning(405, "The route does not know this method"),
    "CONFLICT": Meaning(409, "The stored state contradicts the request"),
    "GUARD_REFUSED": Meaning(409, "The step may not be taken yet"),
    "SPACE_MISMATCH": Meaning(409, "Vectors of two embedding spaces cannot be mixed"),
    "REVISION_MISMATCH": Meaning(412, "It was changed since it was read"),
    "REQUEST_IN_FLIGHT": Meaning(409, "A request with this idempotency key is being answered"),
    "TOO_LARGE": Meaning(413, "The request is over a limit"),
    "UNSUPPORTED_MEDIA_TYPE": Meaning(415, "The body's type is not understood"),
    "INVALID_INPUT": Meaning(422, "The request is not valid"),
    "MALFORMED_JSON": Meaning(422, "The body is not JSON"),
    "IDEMPOTENCY_MISMATCH": Meaning(422, "The same key came with other content"),
    "UNSUPPORTED": Meaning(422, "This backend cannot do that"),
    "BUDGET_SPENT": Meaning(402, "The budget for models is used up"),
    "RATE_LIMITED": Meaning(429, "Too many requests"),
    "INTERNAL_ERROR": Meaning(500, "Something went wrong on our side"),
    "PROMPTUARY_ERROR": Meaning(500, "Something went wrong on our side"),
    "MISCONFIGURED": Meaning(500, "The server's settings are wrong"),
    "MISSING_EXTRA": Meaning(500, "The server lacks an optional package"),
    "MODEL_MISSING": Meaning(500, "The server lacks the model it is set to use"),
    "MODEL_DAMAGED": Meaning(500, "The files of the server's model cannot be used"),
    "BAD_REPLY": Meaning(503, "A model answered with something that cannot be used"),
    "UNAVAILABLE": Meaning(503, "Something this needs is down or slow"),
    "TIMED_OUT": Meaning(503, "Something this needs did not answer in time"),
    "BUSY": Meaning(503, "Another process holds what this needs"),
    "STORAGE_FULL": Meaning(503, "The disk has no room left"),
    "LEASE_LOST": Meaning(503, "Another worker took the job over"),
}
_RETRY_SECONDS = {"STORAGE_FULL": 60.0}
_PRIVATE = "the server log says more under this request_id"


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal or failure. `fields` maps a field to what is wrong with it, `more` holds
    members for this kind of problem alone (an id, categories), `headers` go with the answer."""

    code: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return CODES[self.code].status


class ProblemRaised(Exception):  # noqa: N818  (it is not an error of ours, it is an answer)
    """A refusal that only HTTP knows: a media type, a missing key, a key in flight."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem_of(error: errors.PromptuaryError) -> Problem:
    """The problem of a typed error: its code, its message, and what its branch adds."""
    code = error.code if error.code in CODES else "PROMPTUARY_ERROR"
    detail = str(error) if isinstance(error, errors.Rejected | errors.Unavailable) else _PRIVATE
    match error:
        case errors.InvalidInput():
            return Problem(code, detail, fields=error.fields)
        case errors.NotFound():
            name = "cluster" if error.what == "lineage" else error.what
            detail = f"no {name} has the id {error.id!r}"
            return Problem(code, detail, more={f"{name.replace(' ', '_')}_id": error.id})
        case errors.Unauthenticated():
            return Problem(code, detail, headers={"WWW-Authenticate": "ApiKey"})
        case errors.Unavailable():
            seconds = _RETRY_SECONDS.get(code, 2.0)
            if isinstance(error, errors.RateLimited):
                seconds = error.retry_after
            return Problem(code, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})
        case _:
            return Problem(code, detail)


def problem_of_validation(error: ValidationError) -> Problem:
    """What pydantic found, without the values: they may be secrets, or not even be JSON."""
    found = error.errors(include_url=False, include_context=False)
    if any(each["type"] == "json_invalid" for each in found):
        return Problem("MALFORMED_JSON", found[0]["msg"], fields={"body": found[0]["msg"]})
    return invalid({".".join(map(str, each["loc"])) or "body": advice(each) for each in found})


def advice(found: ErrorDetails) -> str:
    """What to do about it, where pydantic would show the pattern that the text does not match."""
    given = found["input"]
    if found["type"] != "string_pattern_mismatch" or not isinstance(given, str):
        return found["msg"]
    if not given:
        return "must not be empty; leave it out where there is none"
    if any(each < " " or each == "\x7f" for each in given):
        return "has a control character, such as a line break; take it out"
    return found["msg"]


def invalid(fields: Mapping[str, str]) -> Problem:
    """A problem that names every wrong field."""
    named = "; ".join(f"{name}: {what}" for name, what in list(fields.items())[:3])
    return Problem("INVALID_INPUT", named or "the request is not valid", fields=fields)


def response(scope: Scope, problem: Problem) -> Response:
    """The answer to a request that failed."""
    return Response(
        json.dumps(_body(scope, problem)).encode(),
        status_code=problem.status,
        headers=_asking(scope, problem.headers),
        media_type=MEDIA_TYPE,
    )


def _asking(scope: Scope, headers: Mapping[str, str]) -> dict[str, str]:
    """With the scheme that clients of the path know: those of conversations send bearer tokens."""
    room = str(scope.get("path", "")).removeprefix("/api/v1/").partition("/")[0]
    if "WWW-Authenticate" in headers and room in _BEARER:
        return {**headers, "WWW-Authenticate": "Bearer"}
    return dict(headers)


_BEARER = frozenset(
    {
        *("conversation", "conversations", "history", "prompt", "enhanced-prompt"),
        *("events", "cameras", "clips", "proactive-insights"),
    }
)


def _body(scope: Scope, problem: Problem) -> dict[str, object]:
    trace = trace_of(scope)
    path = scope.get("path", "")
    return {
        "type": f"/docs#{problem.code}",
        "title": CODES[problem.code].title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "code": problem.code,
        "error_code": problem.code,
        "error": problem.detail,
        "message": problem.detail,
        "details": dict(problem.more) or None,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": trace.request_id,
        "correlation_id": trace.correlation_id,
        "field_errors": {name: [what] for name, what in problem.fields.items()},
        "path": path,
        "error_type": _error_type(problem.status),
        **problem.more,
    }


def _error_type(status: int) -> str:
    named = {422: "validation_error", 429: "rate_limit_exceeded", 500: "internal_server_error"}
    return named.get(status, "http_exception")
