"""Requests to one server: in bounded time, tried again where that helps."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
)
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import random
from typing import IO, TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import urlsplit

import anyio

from promptuary.domain import plain
from promptuary.domain.errors import (
    BadReply,
    Misconfigured,
    MissingExtra,
    PromptuaryError,
    TimedOut,
    Unavailable,
)
from promptuary.sdk.refusals import error_of, retry_after

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
PREFIX = "/api/v1"
MOST_BYTES = 256 * 1024 * 1024
PIECE = 64 * 1024
CONNECT_SECONDS = 5.0
Query: TypeAlias = Mapping[str, object]
Held: TypeAlias = bytes | Path | IO[bytes]
"""What a body is made of: each attempt reads it from its beginning."""
Sleep: TypeAlias = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. With a `key` the server answers it once, however often it is sent. Requests are
    the same when they ask the same."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: Held | None = None
    media_type: str = "application/json"
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.method, self.path, self.parameters))

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The query as it is written; what is None is left out, a list repeats its name."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.query.items():
            every = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, _written(each)) for each in every if each is not None]
        return tuple(pairs)


class Line:
    """The connection to a server. Redirects are not followed: a key goes only where it was meant
    to go. What is Unavailable is tried `attempts` times in all, within `timeout` seconds."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None,
        timeout: float,
        attempts: int,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._where = address(base_url)
        self._timeout, self._attempts, self._sleep = timeout, attempts, sleep
        headers = {"Accept": f"{plain.MEDIA_TYPE}, application/json;q=0.5"}
        if api_key is not None:
            headers["X-API-Key"] = key_of(api_key)
        self._client = _opened(self._where, headers, timeout, transport)

    async def ask(self, kind: type[T], sent: Sent) -> T:
        """The answer as that type. Raises what the server raised, and Unavailable, TimedOut."""
        return self.read(kind, await self.raw(sent))

    def read(self, kind: type[T], body: bytes) -> T:
        """Raises BadReply for what is not of that type."""
        try:
            return plain.decode(kind, body)
        except ValueError as error:
            said = f"{self._where} does not speak as this version does: {error}"
            raise BadReply(said) from error

    async def raw(self, sent: Sent) -> bytes:
        """The body of an answer with status 2xx."""
        return (await self._answered(sent))[0]

    async def unless(self, sent: Sent, etag: str | None) -> tuple[bytes, str] | None:
        """The body and its ETag; None when it still is the one with the ETag that is given."""
        if etag is not None:
            sent = replace(sent, headers={**sent.headers, "If-None-Match": etag})
        body, headers, status = await self._answered(sent)
        return None if status == 304 else (body, headers.get("etag", ""))

    async def file(self, sent: Sent) -> tuple[bytes, Mapping[str, str]]:
        """A file, and what is told of it by headers, named in lower case."""
        body, headers, _ = await self._answered(sent)
        return body, headers

    async def _answered(self, sent: Sent) -> tuple[bytes, Mapping[str, str], int]:
        """The body, the headers and the status."""
        made, until = 0, anyio.current_time() + self._timeout
        while True:
            made += 1
            failed: PromptuaryError
            try:
                return await self._once(sent, until)
            except _Refused as refused:
                failed, wait = refused.error, max(refused.wait, _pause(made))
            except Unavailable as error:
                failed, wait = error, _pause(made)
            again = isinstance(failed, Unavailable) and made < self._attempts
            if not again or anyio.current_time() + wait > until:
                raise failed
            await self._sleep(wait)

    async def events(self, sent: Sent) -> AsyncGenerator[tuple[str, bytes], None]:
        """Server-sent events with their names, as they come; not tried again."""
        with _named(self._where), _unwrapped():
            async with self._streamed(sent) as reply:
                name, data = "", b""
                async for line in reply.aiter_lines():
                    word, _, value = line.partition(": ")
                    if word == "event":
                        name = value
                    elif word == "data":
                        data = value.encode()
                    elif not line and name:
                        yield name, data
                        name, data = "", b""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _once(self, sent: Sent, until: float) -> tuple[bytes, Mapping[str, str], int]:
        body = bytearray()
        headers: Mapping[str, str] = {}
        status = 0
        with _named(self._where):
            try:
                with anyio.fail_after(max(0.0, until - anyio.current_time())):
                    async with self._streamed(sent) as reply:
                        headers, status = dict(reply.headers), reply.status_code
                        async for chunk in reply.aiter_bytes():
                            body += chunk
                            if len(body) > MOST_BYTES:
                                raise BadReply(f"{self._where} sends more than {MOST_BYTES} bytes")
            except TimeoutError as error:
                said = f"{self._where} did not answer within {self._timeout:g} s"
                raise TimedOut(said) from error
        return bytes(body), headers, status

    @asynccontextmanager
    async def _streamed(self, sent: Sent) -> AsyncIterator[httpx2.Response]:
        """The reply, once its status is known to be good."""
        headers = dict(sent.headers)
        if sent.body is not None:
            headers["Content-Type"] = sent.media_type
        if sent.key is not None:
            headers["Idempotency-Key"] = sent.key
        with _source(sent.body) as content:
            asked = self._client.stream(
                sent.method, sent.path, params=sent.parameters, content=content, headers=headers
            )
            async with asked as reply:
                if not 200 <= reply.status_code < 300 and reply.status_code != 304:
                    raise await _refusal(reply)
                yield reply


class _Refused(Exception):  # noqa: N818 - it carries an error, and never leaves this module
    """What the server answered instead, and for how long it asks to be left alone."""

    def __init__(self, error: PromptuaryError, wait: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


async def _refusal(reply: httpx2.Response) -> _Refused:
    error = error_of(reply.status_code, reply.headers, await reply.aread())
    return _Refused(error, retry_after(reply.headers) if "retry-after" in reply.headers else 0.0)


def _pause(made: int) -> float:
    """It doubles from half a second to eight and is drawn at random below that ("full jitter",
    M. Brooker 2015), so that clients that failed together do not come back together."""
    return min(8.0, 0.25 * float(2**made)) * random()  # noqa: S311 - no secret


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def key_of(text: str) -> str:
    """The API key without white space around it. Raises Misconfigured for what is none."""
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise Misconfigured("the API key is not one: it must be printable ASCII")
    return key


def address(base_url: str) -> str:
    """The address of a server as it is used. Raises Misconfigured for what is none."""
    parts = urlsplit(base_url)
    if "@" in parts.netloc:
        raise Misconfigured("an address holds no password; give the server's API key as a key")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured(
            f"{base_url!r} is no address of a server, such as http://127.0.0.1:8000"
        )
    return base_url.rstrip("/").removesuffix(PREFIX)


def _opened(
    where: str,
    headers: Mapping[str, str],
    timeout: float,
    transport: httpx2.AsyncBaseTransport | None,
) -> httpx2.AsyncClient:
    """Raises MissingExtra where the package for it is not installed."""
    try:
        import httpx2  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise MissingExtra("RemoteClient", "remote") from None
    patience = httpx2.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
    return httpx2.AsyncClient(
        base_url=where, headers=dict(headers), timeout=patience, transport=transport
    )


@contextmanager
def _unwrapped() -> Iterator[None]:
    try:
        yield
    except _Refused as refused:
        raise refused.error from None


@contextmanager
def _named(where: str) -> Iterator[None]:
    """What goes wrong on the way, as our own errors."""
    import httpx2  # noqa: PLC0415 - slow to import

    try:
        yield
    except httpx2.TimeoutException as error:
        raise TimedOut(f"{where} did not answer in time") from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise Misconfigured(f"{where} is no address: {error}") from error
    except (httpx2.HTTPError, OSError) as error:
        said = str(error) or type(error).__name__
        raise Unavailable(f"{where} cannot be reached: {said}") from error


@contextmanager
def _source(body: Held | None) -> Iterator[bytes | AsyncIterable[bytes] | None]:
    """The body from its beginning. Raises FileNotFoundError and its like for a path."""
    if body is None or isinstance(body, bytes):
        yield body
    elif isinstance(body, Path):
        with body.open("rb") as file:
            yield _pieces(file)
    else:
        body.seek(0)
        yield _pieces(body)


async def _pieces(file: IO[bytes]) -> AsyncGenerator[bytes, None]:
    while piece := file.read(PIECE):
        yield piece
