"""A fake: an HTTP server on a port of the loopback, which misbehaves when told to."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Received:
    """A request: its path, its headers (names in lower case), its parsed body."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply; `chunked`: each piece goes out as a chunk, and its length is not told before."""

    status: int
    kind: str
    pieces: tuple[bytes, ...]
    chunked: bool = False


Answer: TypeAlias = Callable[[Received, str], Answered]


class FakeServer:
    """Replies what `answer` makes of a request. Each name in `faults` spoils one, in order:

    `hang` (accepts, reads, never answers), `close` (no answer), `drip` (a byte now and then), `cut`
    (half an answer), `stall` (half an answer, then silence), a status such as `400` or `503` (`429`
    with `retry-after: 7`), with status 200 `html`, `not_json` and `huge`; `echo401` and `echo200`
    repeat the headers that they were sent. Any other is left to `answer`.
    """

    def __init__(self, answer: Answer) -> None:
        self.received: list[Received] = []
        self.faults: deque[str] = deque()
        self._answer = answer
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []

    @property
    def address(self) -> str:
        """`http://` and where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> FakeServer:
        self._start(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        with socket.create_connection(self._listener.getsockname()):
            pass  # wakes the one who waits for a connection
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            connection, _ = self._listener.accept()
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(0.1)
            try:
                while (received := self._read(connection)) is not None:
                    self.received.append(received)
                    if not self._reply(connection, received):
                        return
            except OSError:
                return

    def _read(self, connection: socket.socket) -> Received | None:
        """The next request; None when the other side went, or it is over."""
        data = b""
        while not self._over.is_set():
            head, found, body = data.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (x.partition(":") for x in lines[1:])}
            if found and len(body) >= int(headers.get("content-length", "0")):
                return Received(lines[0].split(" ")[1], headers, json.loads(body or b"{}"))
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                continue
            if not chunk:
                return None
            data += chunk
        return None

    def _reply(self, connection: socket.socket, received: Received) -> bool:
        """Whether the connection may be used again."""
        fault = self.faults.popleft() if self.faults else ""
        if fault == "hang":
            self._over.wait()
            return False
        if fault == "close":
            return False
        reply = _http(self._answered(received, fault))
        if fault == "drip":
            return self._drip(connection, reply)
        connection.settimeout(60)  # for all of a huge one, however busy the machine
        connection.sendall(reply[: len(reply) // 2] if fault in {"cut", "stall"} else reply)
        connection.settimeout(0.1)
        if fault == "stall":
            self._over.wait()
        return fault not in {"cut", "stall"}

    def _drip(self, connection: socket.socket, reply: bytes) -> bool:
        for n in range(len(reply)):
            if self._over.wait(0.02):
                break
            connection.sendall(reply[n : n + 1])
        return False

    def _answered(self, received: Received, fault: str) -> Answered:
        if fault.isdecimal():
            return refused(int(fault))
        if fault.startswith("echo"):
            return as_json({"error": _secrets_first(received)}, int(fault.removeprefix("echo")))
        if fault in _BODIES:
            kind = "text/html" if fault == "html" else "application/json"
            return Answered(200, kind, (_BODIES[fault],))
        return self._answer(received, fault)


def _secrets_first(received: Received) -> dict[str, str]:
    """The headers, so that a key stands where a message that is cut off still shows it."""
    secret = re.compile(r"key|authorization|token")
    return dict(sorted(received.headers.items(), key=lambda each: not secret.search(each[0])))


def refused(status: int) -> Answered:
    """An error as most hosts word it."""
    return Answered(status, "application/json", (b'{"error": {"message": "as told"}}',))


def as_json(given: object, status: int = 200) -> Answered:
    """One JSON object."""
    return Answered(status, "application/json", (json.dumps(given).encode(),))


_BODIES = {
    "html": b"<html><body>Bad gateway</body></html>",
    "not_json": b'{"data": [',
    "huge": b" " * (65 * 1024 * 1024),
}


def _http(answered: Answered) -> bytes:
    head = f"HTTP/1.1 {answered.status} As Told\r\ncontent-type: {answered.kind}\r\n"
    head += "retry-after: 7\r\n" if answered.status == 429 else ""
    if not answered.chunked:
        body = b"".join(answered.pieces)
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    chunks = b"".join(f"{len(each):x}\r\n".encode() + each + b"\r\n" for each in answered.pieces)
    return f"{head}transfer-encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"
