"""What may come in as a body: its type, its size, how it is read. Limits hold while streaming."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from promptuary.api.operations import PREFIX
from promptuary.api.problems import Problem, ProblemRaised, problem_of_validation, response
from promptuary.domain.errors import TooLarge

JSON: Final = "application/json"
NDJSON: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
STREAMED: Final = frozenset({f"{PREFIX}/prompts/batch", f"{PREFIX}/events"})
"""The paths that take NDJSON, of any length; there the limit is on each line."""
SENT: Final = frozenset({f"{PREFIX}/documents", f"{PREFIX}/library/import"})
"""The paths that take a file, whatever its type."""
FORMS: Final = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class BodyGuard:
    """ASGI middleware: 415 for a body that nobody reads, 413 as soon as one is over the limit."""

    app: ASGIApp
    limit: int
    largest_file: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, with a `receive` that counts."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._refusal(scope["path"], headers):
            await response(scope, refusal)(scope, receive, send)
        elif is_lines(headers) and scope["path"] in STREAMED:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _counted(receive, self._limit(scope["path"])), send)

    def _limit(self, path: str) -> int:
        return self.largest_file if path in SENT else self.limit

    def _refusal(self, path: str, headers: Headers) -> Problem | None:
        if headers.get("content-encoding", "identity") != "identity":
            return _unsupported("compressed bodies are not read; send the body as it is")
        media_type = _media_type(headers)
        if not media_type and is_empty(headers):
            return None
        if path in SENT:
            return self._refused_file(media_type, headers)
        if media_type != JSON and not (path in STREAMED and media_type in NDJSON):
            wanted = "application/json, or application/x-ndjson" if path in STREAMED else JSON
            return _unsupported(f"send the body as {wanted}, not as {media_type or 'nothing'}")
        if not is_lines(headers) and _length(headers) > self.limit:
            return _too_large(self.limit)
        return None

    def _refused_file(self, media_type: str, headers: Headers) -> Problem | None:
        if media_type in FORMS:
            return _unsupported("send the file itself as the body, and its name in the address")
        return _too_large(self.largest_file) if _length(headers) > self.largest_file else None


def is_empty(headers: Headers) -> bool:
    """Whether no body comes, so that none needs a type; who needs one says so."""
    return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers


def is_lines(headers: Headers) -> bool:
    """Whether the body is NDJSON."""
    return _media_type(headers) in NDJSON


async def read(request: Request, model: type[_Model]) -> _Model:
    """The JSON body as a model. Raises MALFORMED_JSON or INVALID_INPUT with every wrong field.

    Deep nesting, lone surrogates, invalid UTF-8 and numbers without bound end in a refusal.
    """
    return parse(await request.body(), model)


def parse(text: bytes, model: type[_Model]) -> _Model:
    """As `read`, for bytes that are here already."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise ProblemRaised(problem_of_validation(error)) from None


def checked(model: type[_Model], values: object) -> _Model:
    """As `read`, for values that were parsed already."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ProblemRaised(problem_of_validation(error)) from None


async def lines(
    chunks: AsyncIterable[bytes], limit: int
) -> AsyncIterator[tuple[int, bytes | None]]:
    """The lines of a body with their numbers from 1, as they arrive; blank ones are left out.

    A line over `limit` bytes comes as None and is never held whole.
    """
    number, held, over = 1, bytearray(), False
    async for chunk in chunks:
        *ended, tail = chunk.split(b"\n")
        for piece in ended:
            if over or len(held) + len(piece) > limit:
                yield number, None
            elif line := bytes(held + piece).strip():
                yield number, line
            number, over = number + 1, False
            held.clear()
        over = over or len(held) + len(tail) > limit
        if over:
            held.clear()
        else:
            held += tail
    if over:
        yield number, None
    elif line := bytes(held).strip():
        yield number, line


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(_too_large(limit).detail)
        return message

    return counting


def _length(headers: Headers) -> int:
    """What the client says it is."""
    said = headers.get("content-length", "0")
    return int(said[:18]) if said.isascii() and said.isdigit() else 0


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _unsupported(detail: str) -> Problem:
    return Problem("UNSUPPORTED_MEDIA_TYPE", detail)


def _too_large(limit: int) -> Problem:
    detail = f"the body is over {limit:,} bytes; send less at once, or many prompts as NDJSON"
    return Problem("TOO_LARGE", detail, headers={"Connection": "close"})
