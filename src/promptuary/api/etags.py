"""Answers as JSON, and not again to a client that has them: strong entity tags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError
from starlette.requests import Request
from starlette.responses import Response

from promptuary.domain import plain
from promptuary.domain.pages import Page


def answer(
    request: Request,
    body: BaseModel | Sequence[BaseModel],
    *,
    exact: object = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    etag: str | None = None,
) -> Response:
    """The body as JSON; `exact` is the same as the library has it, for clients that accept that.

    A GET gets an ETag, that of its bytes unless given, and 304 when `If-None-Match` names it.
    """
    media_type, extra = "application/json", dict(headers or {})
    if exact is not None and wants_exact(request):
        content, media_type = plain.encode(exact), plain.MEDIA_TYPE
    else:
        content = encode(body)
    if exact is not None:
        extra["Vary"] = "Accept"
    if request.method == "GET" and status == 200:
        extra["ETag"] = etag or tag(content)
        extra["Cache-Control"] = "private, no-cache"
        if names(request.headers.get("if-none-match", ""), extra["ETag"]):
            return Response(status_code=304, headers=extra)
    return Response(content, status, headers=extra, media_type=media_type)


def listed(
    request: Request, kind: type[BaseModel], page: Page[Any], **shown: Sequence[BaseModel]
) -> Response:
    """A page, its items `shown` under the name that `kind` has for them."""
    body = kind(**shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, body, exact=page)


def wants_exact(request: Request) -> bool:
    """Whether the client would rather have what the library gives, with nothing left out."""
    return plain.MEDIA_TYPE in request.headers.get("accept", "")


def encode(body: BaseModel | Sequence[BaseModel]) -> bytes:
    """Compact JSON. Text that is not valid Unicode (a lone surrogate) is escaped, not refused."""
    if not isinstance(body, BaseModel):
        return b"[" + b",".join(encode(each) for each in body) + b"]"
    try:
        return body.model_dump_json().encode()
    except PydanticSerializationError:
        return json.dumps(body.model_dump(mode="json"), separators=(",", ":")).encode()


def tag(content: bytes) -> str:
    """The strong entity tag of these bytes."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


def names(if_none_match: str, own: str) -> bool:
    """Whether the header of that value names the entity tag `own`."""
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return own in given or given == ["*"]
