"""Somebody's HTTP server that is asked for JSON and for files, in bounded time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from promptuary.adapters._remote.wire import MOST_BYTES, Request, Wire
from promptuary.domain.errors import BadReply, Misconfigured

SECONDS_A_FILE = 3600.0


def base_of(url: str, scheme: str) -> str:
    """The address behind `SCHEME:http://HOST/PATH`, without a slash at its end. Raises
    Misconfigured for anything else, and for one that holds a password or a query."""
    base = url.partition(":")[2].rstrip("/")
    parts = urlsplit(base)
    wrong = parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in {"http", "https"} or not parts.hostname or wrong:
        raise Misconfigured(f"{scheme}: write {scheme}:http://HOST:PORT, without a password or ?")
    return base


@dataclass(frozen=True, slots=True)
class Host:
    """Asks one server. Redirects are not followed, so that nothing leads elsewhere."""

    base: str
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    wire: Wire = field(default_factory=Wire, repr=False)

    async def told(self, path: str, *, body: object = None, method: str = "") -> object | None:
        """What the JSON says that is found there, which may be nothing at all; None for a 404.
        Raises BadReply for what is no JSON, and what `Wire` raises."""
        method = method or ("GET" if body is None else "POST")
        sent = b"" if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"content-type": "application/json"}
        request = Request(f"{self.base}{path}", sent, self.seconds, {**self.headers, **kind})
        try:
            async with self.wire.exchanged(method, request, sent) as reply:
                text = await _whole(request, reply)
        except Misconfigured as error:
            if is_missing(error):
                return None
            raise
        try:
            found: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadReply(f"{request.where} answered with something that is no JSON") from error
        return found

    @asynccontextmanager
    async def file(self, path: str, kinds: str) -> AsyncIterator[httpx2.Response]:
        """A file of one of these kinds, such as `video/`, still to be read. Raises BadReply for
        another one."""
        request = Request(f"{self.base}{path}", b"", SECONDS_A_FILE, self.headers)
        async with self.wire.exchanged("GET", request) as reply:
            if not reply.headers.get("content-type", "").startswith(kinds):
                raise BadReply(f"{request.where} answered with something that is not {kinds}")
            yield reply


def is_missing(error: Exception) -> bool:
    """Whether the server said that there is no such thing."""
    return " answered 404" in str(error)


async def _whole(request: Request, reply: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in reply.aiter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise BadReply(f"{request.where} sends more than {MOST_BYTES} bytes")
    return bytes(body)
