"""Requests in bounded time, and our own errors for what goes wrong on the way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from ssl import SSLContext

import anyio
import httpx2
from anyio.lowlevel import EventLoopToken, current_token

from promptuary.adapters._remote.refusals import refusal
from promptuary.domain.errors import (
    BadReply,
    Misconfigured,
    PromptuaryError,
    TimedOut,
    Unavailable,
)

MOST_BYTES = 64 * 1024 * 1024
CONNECT_SECONDS = 5.0
_SHOWN, _SECRET = 200, 6
"""Characters of a reply that a message shows; the shortest value of a header that is a secret."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to post, and where. Holds keys, so it does not print its headers."""

    url: str
    body: bytes
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """The URL for a message: what follows a `?` may be a secret of somebody's gateway."""
        return self.url.partition("?")[0]

    def blotted(self, text: str) -> str:
        """The text for a message. A host may repeat the key it was sent: no value of our headers
        is left in it."""
        for value in self.headers.values():
            secret = value.rpartition(" ")[2]
            text = text.replace(secret, "***") if len(secret) >= _SECRET else text
        return text


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, whatever the status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Connections to hosts, kept open between requests; they belong to the event loop that made
    them. Redirects are not followed: a key goes only where it was meant to go."""

    def __init__(self, trusted: SSLContext | None = None) -> None:
        """`trusted`: the authorities to believe instead of the usual ones."""
        self._trusted = trusted
        self._client: httpx2.AsyncClient | None = None
        self._loop: EventLoopToken | None = None

    async def post(self, request: Request) -> bytes:
        """The body of a reply with status 200. Raises TimedOut, Unavailable, BadReply, and what
        `refusal` makes of another status."""
        body = bytearray()
        with _named(request), anyio.fail_after(request.seconds):
            async with self._sent(request) as reply:
                async for chunk in reply.aiter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise BadReply(f"{request.where} sends more than {MOST_BYTES} bytes")
        if reply.status_code != 200:
            raise _refused(request, reply, bytes(body))
        return bytes(body)

    async def ask(self, method: str, request: Request) -> Reply:
        """The reply with whatever status it has. Raises TimedOut, Unavailable, BadReply."""
        timeout = httpx2.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds))
        with _named(request), anyio.fail_after(request.seconds):
            reply = await self._mine().request(
                method,
                request.url,
                content=request.body,
                headers=dict(request.headers),
                timeout=timeout,
            )
        return Reply(reply.status_code, reply.headers, reply.content)

    async def stream(self, request: Request) -> AsyncGenerator[bytes, None]:
        """The same body in the pieces it comes in; `seconds` bounds them all together."""
        until = anyio.current_time() + request.seconds
        got = 0
        with _named(request):
            async with self._opened(request, until) as chunks:
                while (chunk := await _next(chunks, until)) is not None:
                    got += len(chunk)
                    if got > MOST_BYTES:
                        raise BadReply(f"{request.where} sends more than {MOST_BYTES} bytes")
                    yield chunk

    @asynccontextmanager
    async def exchanged(
        self, method: str, request: Request, content: bytes | AsyncIterable[bytes] = b""
    ) -> AsyncIterator[httpx2.Response]:
        """A reply with a good status, whose body is still to be read; all of that together in
        `seconds`. Raises what `post` raises."""
        timeout = httpx2.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds))
        sent = partial(self._mine().stream, method, request.url, timeout=timeout)
        with _named(request), anyio.fail_after(request.seconds):
            async with sent(content=content, headers=dict(request.headers)) as reply:
                if not 200 <= reply.status_code < 300:
                    raise _refused(request, reply, await reply.aread())
                yield reply

    async def aclose(self) -> None:
        """Close the connections that this event loop holds."""
        client, self._client = self._client, None
        if client is not None and self._loop == current_token():
            await client.aclose()

    @asynccontextmanager
    async def _opened(self, request: Request, until: float) -> AsyncIterator[AsyncIterator[bytes]]:
        sent = self._sent(request)
        with anyio.fail_at(until):
            reply = await sent.__aenter__()
        try:
            if reply.status_code != 200:
                told = await _next(reply.aiter_bytes(), until)
                raise _refused(request, reply, told or b"")
            yield reply.aiter_bytes()
        finally:
            await sent.__aexit__(None, None, None)

    def _sent(self, request: Request) -> AbstractAsyncContextManager[httpx2.Response]:
        headers = {"content-type": "application/json", **request.headers}
        timeout = httpx2.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds))
        post = partial(self._mine().stream, "POST", request.url)
        return post(content=request.body, headers=headers, timeout=timeout)

    def _mine(self) -> httpx2.AsyncClient:
        loop = current_token()
        if self._client is None or self._loop != loop:
            self._client, self._loop = httpx2.AsyncClient(verify=self._trusted or _trusted()), loop
        return self._client


@cache
def _trusted() -> SSLContext:
    """The authorities that are trusted; read once, as that takes 30 ms."""
    return httpx2.create_ssl_context()


async def _next(chunks: AsyncIterator[bytes], until: float) -> bytes | None:
    with anyio.fail_at(until):
        return await anext(chunks, None)


def _refused(request: Request, reply: httpx2.Response, told: bytes) -> PromptuaryError:
    shown = request.blotted(told.decode("utf-8", "replace"))[:_SHOWN]
    said = f"{request.where} answered {reply.status_code}: {shown}"
    return refusal(reply.status_code, reply.headers, said)


@contextmanager
def _named(request: Request) -> Iterator[None]:
    where = request.where
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise TimedOut(f"{where} did not answer within {request.seconds:g} s") from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise Misconfigured(f"{where} is no address: {error}") from error
    except (httpx2.HTTPError, OSError) as error:
        raise Unavailable(f"{where} cannot be reached: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
