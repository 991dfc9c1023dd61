"""One request to the web at a time, to public addresses only."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from anyio import to_thread

from promptuary import __version__
from promptuary.domain.errors import InvalidInput, TimedOut, TooLarge, Unavailable
from promptuary.domain.fetching import Fetched

AGENT = "promptuary"
PORTS = {"http": 80, "https": 443}
_AT_ONCE = 65_536
_NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an address is on the open internet, whatever form it is wrapped in: not this machine,
    not its network, not a cloud's metadata service."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks servers. A host's name is resolved once, every address it has must be public (unless the
    host is `allowed`), and the connection goes to the very address that was looked at."""

    allowed: frozenset[str] = frozenset()
    most_bytes: int = 20 * 1024 * 1024
    seconds: float = 20.0
    resolve: Resolve = resolved

    async def get(self, url: str, *, etag: str = "", modified: str = "") -> Fetched:
        """The answer to one request, as it is unless it is as it was (304).

        Raises InvalidInput for a URL that is not fetched (another scheme or port, a password, an
        address that is not public), TooLarge, TimedOut, Unavailable.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        return await to_thread.run_sync(self._get, url, headers, abandon_on_cancel=True)

    def _get(self, url: str, headers: dict[str, str]) -> Fetched:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname or ""
        port = self._port(url)
        deadline = time.monotonic() + self.seconds
        try:
            sock = socket.create_connection((self._address(host, port), port), self.seconds)
            with sock:
                plain = scheme == "http"
                ending = sock if plain else _secured(sock, host)
                connection = http.client.HTTPConnection(host, port, timeout=self.seconds)
                connection.sock = ending
                target = parts.path or "/"
                target += f"?{parts.query}" if parts.query else ""
                with closing(connection):
                    connection.request("GET", target, headers=_headers(parts.netloc, headers))
                    with connection.getresponse() as answer:
                        return self._answer(url, answer, deadline)
        except TimeoutError as error:
            raise TimedOut(f"{host} did not answer within {self.seconds:g} s") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unavailable(f"{host} cannot be reached: {error}") from error

    def _port(self, url: str) -> int:
        """The port of a URL that may be fetched."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise InvalidInput(f"this is no URL: {url}") from error
        if not port or not parts.hostname or parts.username is not None:
            shown = f"{parts.scheme}://{parts.hostname or ''}"
            raise InvalidInput(f"only http and https without a password are fetched, not {shown}")
        if port not in PORTS.values() and not self._is_allowed(parts.hostname, port):
            raise InvalidInput(f"port {port} is fetched from hosts that are allowed only")
        return port

    def _address(self, host: str, port: int) -> str:
        """An address of the host that may be connected to."""
        addresses = self.resolve(host, port)
        if not addresses:
            raise Unavailable(f"{host} has no address")
        if not self._is_allowed(host, port):
            for address in addresses:
                if not is_public(address):
                    raise InvalidInput(f"{host} is at {address}, which is not public")
        return addresses[0]

    def _is_allowed(self, host: str, port: int) -> bool:
        return host in self.allowed or f"{host}:{port}" in self.allowed

    def _answer(self, url: str, answer: http.client.HTTPResponse, deadline: float) -> Fetched:
        body = bytearray()
        while piece := answer.read1(_AT_ONCE):
            body += piece
            if len(body) > self.most_bytes:
                raise TooLarge(f"more than {self.most_bytes:,} bytes at {url}")
            if time.monotonic() > deadline:
                raise TimeoutError
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Fetched(
            url=url,
            status=answer.status,
            kind=kind,
            body=bytes(body),
            location=answer.headers.get("Location", ""),
            etag=answer.headers.get("ETag", ""),
            modified=answer.headers.get("Last-Modified", ""),
        )


def _secured(sock: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(sock, server_hostname=host)


def _headers(netloc: str, more: dict[str, str]) -> dict[str, str]:
    """Nothing is asked for packed: what unpacks to too much is never unpacked."""
    plain = {
        "Host": netloc,
        "User-Agent": f"{AGENT}/{__version__}",
        "Accept": "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.5",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    return plain | {name: value for name, value in more.items() if value}
