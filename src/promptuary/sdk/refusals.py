"""The errors of the library out of what a server answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from promptuary.domain.errors import (
    BadReply,
    Busy,
    Forbidden,
    InvalidInput,
    Misconfigured,
    NotFound,
    PromptuaryError,
    RateLimited,
    Rejected,
    Unauthenticated,
    Unavailable,
)

_SHOWN = 200
_LONGEST_WAIT = 3600.0
_ONLY_HTTP: Mapping[str, type[PromptuaryError]] = {
    "MISSING_API_KEY": Unauthenticated,
    "REQUEST_IN_FLIGHT": Busy,
    "INTERNAL_ERROR": Unavailable,
    "PROMPTUARY_ERROR": Unavailable,
    "MODERATION_REFUSED": Rejected,
    "MALFORMED_JSON": BadReply,
    "ROUTE_NOT_FOUND": Misconfigured,
    "METHOD_NOT_ALLOWED": Misconfigured,
    "UNSUPPORTED_MEDIA_TYPE": Misconfigured,
}
"""Codes that the library itself never raises."""


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> PromptuaryError:
    """The error of a problem, by its stable code; of anything else, by the status."""
    told = problem_in(body)
    code, said = str(told.get("code", "")), str(told.get("detail", ""))
    if not code:
        return _of_status(status, headers, body)
    details = told.get("details")
    match code:
        case InvalidInput.code:
            return InvalidInput(said, fields=_fields(told.get("field_errors")))
        case NotFound.code:
            return _not_found(said, details if isinstance(details, dict) else {})
        case RateLimited.code:
            return RateLimited(said, retry_after=retry_after(headers))
    kind = _ONLY_HTTP.get(code) or _kinds().get(code)
    return _made(kind, said) if kind else _of_status(status, headers, said.encode())


def problem_in(body: bytes) -> Mapping[str, object]:
    """The members of a problem; none when the body is no JSON object."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def retry_after(headers: Mapping[str, str]) -> float:
    """How many seconds the server asks to wait: 1 where it does not say, an hour at the most."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 1.0
    return min(_LONGEST_WAIT, max(0.0, seconds)) if seconds == seconds else 1.0  # noqa: PLR0124 - NaN


def _made(kind: type[PromptuaryError], said: str) -> PromptuaryError:
    """With the server's words; some classes would make words of their own."""
    error = kind.__new__(kind)
    Exception.__init__(error, said)
    return error


def _kinds() -> Mapping[str, type[PromptuaryError]]:
    return {kind.code: kind for kind in _below(PromptuaryError)}


def _below(kind: type[PromptuaryError]) -> Iterator[type[PromptuaryError]]:
    for child in kind.__subclasses__():
        if child.__module__ == kind.__module__:
            yield child
            yield from _below(child)


def _fields(told: object) -> Mapping[str, str]:
    if not isinstance(told, dict):
        return {}
    return {str(name): "; ".join(map(str, what)) for name, what in told.items()}


def _not_found(said: str, details: Mapping[str, object]) -> NotFound:
    named = [(name, own) for name, own in details.items() if name.endswith("_id")]
    if not named:
        return NotFound(said, "")
    what = named[0][0].removesuffix("_id").replace("_", " ")
    return NotFound("lineage" if what == "cluster" else what, str(named[0][1]))


def _of_status(status: int, headers: Mapping[str, str], body: bytes) -> PromptuaryError:
    """What answers without a code is a gateway, or no server of ours."""
    said = f"the server answered {status}: {body[:_SHOWN].decode('utf-8', 'replace')}"
    match status:
        case 429:
            return RateLimited(said, retry_after=retry_after(headers))
        case 401:
            return Unauthenticated(said)
        case 403:
            return Forbidden(said)
        case _ if status >= 500 or status == 408:
            return Unavailable(said)
        case 404 | 405 | 301 | 302 | 307 | 308:
            return Misconfigured(f"{said} (is this the address of a Promptuary server?)")
        case _:
            return Rejected(said) if status >= 400 else BadReply(said)
