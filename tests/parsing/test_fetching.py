from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from promptuary.domain.errors import InvalidInput, TimedOut, TooLarge, Unavailable
from promptuary.fetching import Fetcher, is_public

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Site(BaseHTTPRequestHandler):
    """A little server of the test's own."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("If-None-Match") == '"1"':
            self._answer(304, b"")
        elif self.path == "/redirect":
            self._answer(302, b"", Location="http://169.254.169.254/")
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            self.server.stopped.wait(5)
        else:
            self._answer(200, f"{self.path} of {self.headers['Host']}".encode() * 10)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "Text/HTML; charset=x",
            "ETag": '"1"',
            **headers,
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[str]:
    """Where it listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as listening:
        listening.stopped = threading.Event()
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        listening.stopped.set()
        listening.shutdown()
        thread.join()


async def test_a_page_is_fetched_with_what_a_later_request_may_ask_by(server: str) -> None:
    web = Fetcher(frozenset({server}))
    page = await web.get(f"http://{server}/a?b=c")
    assert page.body == f"/a?b=c of {server}".encode() * 10
    assert (page.status, page.kind, page.etag) == (200, "text/html", '"1"')
    assert (await web.get(f"http://{server}/a", etag=page.etag)).status == 304


async def test_a_redirect_is_named_and_not_followed(server: str) -> None:
    answer = await Fetcher(frozenset({server})).get(f"http://{server}/redirect")
    assert (answer.status, answer.location) == (302, "http://169.254.169.254/")


async def test_too_much_and_too_slow_are_given_up(server: str) -> None:
    with pytest.raises(TooLarge):
        await Fetcher(frozenset({server}), most_bytes=50).get(f"http://{server}/")
    with pytest.raises(TimedOut):
        await Fetcher(frozenset({server}), seconds=0.2).get(f"http://{server}/slow")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://example.org:22/",
        "http://user:secret@example.org/",
        "file:///etc/hosts",
        "gopher://example.org/",
        "http://example.org:99999/",
    ],
)
async def test_what_may_not_be_fetched_is_refused(url: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        known = {"localhost": "127.0.0.1", "2130706433": "127.0.0.1"}
        return [known.get(host, host)]

    with pytest.raises(InvalidInput) as refused:
        await Fetcher(resolve=resolve).get(url)
    assert "secret" not in str(refused.value)


async def test_one_address_that_is_not_public_among_others_is_enough() -> None:
    web = Fetcher(resolve=lambda _host, _port: ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.1"):
        await web.get("http://example.org/")


async def test_a_name_is_looked_up_once_and_that_address_is_used(server: str) -> None:
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    port = server.partition(":")[2]
    web = Fetcher(frozenset({f"rebound.example:{port}"}), resolve=resolve)
    page = await web.get(f"http://rebound.example:{port}/")
    assert asked == ["rebound.example"]
    assert b"of rebound.example" in page.body


async def test_a_host_that_cannot_be_reached_is_away() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(Unavailable, match="no such host"):
        await Fetcher(resolve=resolve).get("http://example.org/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
