"""A fake: an endpoint of the OpenAI shape on a port of the loopback, which misbehaves when told to.

It knows nothing of meaning: words are hashed to directions, as in FakeEmbedder.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import numpy as np

from promptuary.domain.vectors import Vectors
from promptuary.testing.fakes.embedder import FakeEmbedder


@dataclass(frozen=True, slots=True)
class Received:
    """A request: its path, its headers (names in lower case), its parsed body."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class FakeUpstream:
    """Answers `POST /v1/embeddings`. Each name in `faults` spoils one request, in order:

    `hang` (accepts, reads, never answers), `drip` (a byte now and then), `cut` (half an answer),
    `close` (no answer), `429` with `retry-after: 7`, `400`, `401`, `404`, `413`, `500`, `503`,
    `html` with status 200, `not_json`, `no_data`, `count`, `order` (right indexes, shuffled),
    `twice` (an index twice), `dimension`, `nan`, `zeros`, `words` (no numbers), `huge`. With
    `refuses` a text that holds it makes the whole request a 400.
    """

    def __init__(self, dimensions: int = 16, *, refuses: str = "\0never\0") -> None:
        self.received: list[Received] = []
        self.faults: deque[str] = deque()
        self._fake = FakeEmbedder(dimensions)
        self._refuses = refuses
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """Its base, up to `/v1`."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> FakeUpstream:
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
                    if not self._answer(connection, received):
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

    def _answer(self, connection: socket.socket, received: Received) -> bool:
        """Whether the connection may be used again."""
        fault = self.faults.popleft() if self.faults else ""
        if fault == "hang":
            self._over.wait()
            return False
        if fault == "close":
            return False
        reply = _http(*self._reply(received, fault))
        if fault == "drip":
            return self._drip(connection, reply)
        connection.settimeout(5)
        connection.sendall(reply[: len(reply) // 2] if fault == "cut" else reply)
        connection.settimeout(0.1)
        return fault != "cut"

    def _drip(self, connection: socket.socket, reply: bytes) -> bool:
        for n in range(len(reply)):
            if self._over.wait(0.02):
                break
            connection.sendall(reply[n : n + 1])
        return False

    def _reply(self, received: Received, fault: str) -> tuple[int, str, bytes]:
        texts = list(received.body.get("input", ()))
        if fault.isdecimal() or any(self._refuses in text for text in texts):
            return int(fault or 400), "application/json", b'{"error": {"message": "as told"}}'
        if fault in _BODIES:
            kind = "text/html" if fault == "html" else "application/json"
            return 200, kind, _BODIES[fault]
        rows = anyio.run(self._fake.embed, texts)
        wanted = int(received.body.get("dimensions", rows.shape[1]))
        as_text = received.body.get("encoding_format") == "base64"
        data = [_entry(n, row, as_text=as_text) for n, row in enumerate(rows[:, :wanted])]
        return 200, "application/json", json.dumps({"data": _spoiled(data, fault)}).encode()


_BODIES = {
    "html": b"<html><body>Bad gateway</body></html>",
    "not_json": b'{"data": [',
    "no_data": b'{"object": "list"}',
    "huge": b" " * (65 * 1024 * 1024),
}


def _entry(index: int, row: Vectors, *, as_text: bool) -> dict[str, Any]:
    scaled = row * np.float32(3)  # nobody promised unit vectors
    if as_text:
        encoded = base64.b64encode(scaled.astype("<f4").tobytes()).decode()
        return {"index": index, "embedding": encoded}
    return {"index": index, "embedding": [float(x) for x in scaled]}


def _spoiled(data: list[dict[str, Any]], fault: str) -> list[dict[str, Any]]:
    first = dict(data[0]) if data else {}
    match fault:
        case "count":
            return data[1:]
        case "order":
            return data[::-1]
        case "twice":
            return [*data[:-1], {**data[-1], "index": 0 if len(data) > 1 else 9}]
        case "dimension":
            return [{**first, "embedding": [1.0, 2.0]}, *data[1:]]
        case "nan":
            return [{**first, "embedding": [float("nan")] * 16}, *data[1:]]
        case "zeros":
            return [{**first, "embedding": [0.0] * 16}, *data[1:]]
        case "words":
            return [{**first, "embedding": ["a"] * 16}, *data[1:]]
        case _:
            return data


def _http(status: int, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} As Told\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
    head += "retry-after: 7\r\n" if status == 429 else ""
    return head.encode() + b"\r\n" + body
