"""One GET in bounded time, over the standard library: works with what is always installed."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

from promptuary.domain.errors import Misconfigured, ModelMissing, RateLimited, TimedOut, Unavailable

_CHUNK = 256 * 1024
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a connection stands and headers are there, and how long fewer than `least`
    bytes may come while a body is read."""

    headers: float = 8.0
    stall: float = 10.0
    least: int = 64 * 1024


def get(
    url: str,
    *,
    patience: Patience,
    headers: Mapping[str, str],
    take: Callable[[int, Iterator[bytes]], None],
) -> None:
    """Hand status (200 or 206) and body to `take`, following redirects.

    Raises TimedOut, Unavailable (no way there, or the body ends early), RateLimited, ModelMissing
    (404), Misconfigured (401, 403, an address that is none). DNS, TLS, headers and body are all
    bounded by `patience`.
    """
    given = dict(headers)
    for _ in range(_REDIRECTS):
        parts = urlsplit(url)
        with _answer(parts, given, patience) as reply:
            where = reply.getheader("location", "")
            if reply.status in {301, 302, 303, 307, 308} and where:
                url = _next(url, where, given)
                continue
            _refuse(url, reply)
            take(reply.status, _body(url, reply, patience))
            return
    raise Unavailable(f"{url} redirects again and again")


def _next(url: str, where: str, headers: dict[str, str]) -> str:
    """The address after a redirect. A key is not carried to another host, nor TLS given up."""
    after = urljoin(url, where)
    if urlsplit(after).netloc != urlsplit(url).netloc:
        headers.pop("authorization", None)
    if urlsplit(url).scheme == "https" and urlsplit(after).scheme != "https":
        raise Unavailable(f"{url} redirects to an address without TLS")
    return after


@contextmanager
def _answer(
    parts: SplitResult, headers: Mapping[str, str], patience: Patience
) -> Iterator[http.client.HTTPResponse]:
    """The reply's headers. Whatever blocks is cut off by closing the socket from another thread."""
    where = f"{parts.scheme}://{parts.netloc}"
    connection = _connection(parts, patience.headers)
    watch = threading.Timer(patience.headers, _cut_off, (connection,))
    watch.daemon = True
    started = monotonic()
    try:
        try:
            _resolve(parts, patience.headers)
            watch.start()
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path or "/", headers=dict(headers))
            reply = connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = monotonic() - started >= patience.headers
            raise _unreached(where, error, patience, late=late) from error
        watch.cancel()
        with reply:
            yield reply
    finally:
        watch.cancel()
        connection.close()


def _unreached(where: str, error: Exception, patience: Patience, *, late: bool) -> Unavailable:
    if late or isinstance(error, TimeoutError):
        return TimedOut(f"{where} did not answer within {patience.headers:g} s")
    return Unavailable(f"{where} cannot be reached: {str(error) or type(error).__name__}")


def _connection(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Misconfigured(f"{parts.netloc} is no address: {error}") from error
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    if parts.scheme != "http" or not host:
        raise Misconfigured(f"{parts.geturl()} is no address of a hub")
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _resolve(parts: SplitResult, seconds: float) -> None:
    """Look the name up in a thread, because nothing else bounds how long that takes."""
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]


def _cut_off(connection: http.client.HTTPConnection) -> None:
    held = connection.sock
    if held is not None:
        with suppress(OSError):
            socket.socket.shutdown(held, socket.SHUT_RDWR)


def _refuse(url: str, reply: http.client.HTTPResponse) -> None:
    said = f"{url} answered {reply.status}"
    match reply.status:
        case 200 | 206:
            return
        case 404:
            raise ModelMissing(f"{said}: the hub has no such model, revision or file")
        case 401 | 403:
            raise Misconfigured(f"{said}: the model needs a key (HF_TOKEN), or does not exist")
        case 429:
            raise RateLimited(said, retry_after=_seconds(reply.getheader("retry-after", "")))
        case _:
            raise Unavailable(said)


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 1.0


def _body(url: str, reply: http.client.HTTPResponse, patience: Patience) -> Iterator[bytes]:
    """Chunks as they come. Raises TimedOut when too little comes, Unavailable when it ends."""
    due = int(reply.getheader("content-length") or -1)
    since, got, total = monotonic(), 0, 0
    while True:
        try:
            chunk = reply.read1(_CHUNK)
        except TimeoutError as error:
            raise TimedOut(f"{url} sent nothing for {patience.headers:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{url} broke off after {total} bytes: {error}") from error
        if not chunk:
            break
        total += len(chunk)
        got += len(chunk)
        now = monotonic()
        if now - since > patience.stall:
            if got < patience.least:
                raise TimedOut(f"{url} sends too slowly: {got} bytes in {now - since:.0f} s")
            since, got = now, 0
        yield chunk
    if 0 <= due != total:
        raise Unavailable(f"{url} broke off after {total} of {due} bytes")
