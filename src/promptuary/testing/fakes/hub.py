"""A fake: a model hub on a port of the loopback, with one model, which misbehaves when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class FakeHub:
    """Lists and serves the files of `folder` as `someone/small`, at any revision.

    `faults` maps a path's beginning (`/api`, or a file's name) to faults, one for each request
    there: a status such as `404`, `hang`, `drip`, `cut` (half, then closed), `close`, `html`,
    `altered` (as long, but other bytes), `long`, `loop` (redirects to itself), `whole` (ignores
    ranges). `listing` may change the listing before it is sent. `asked` holds what was asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.faults: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.listing: Callable[[dict[str, Any]], object] = lambda told: told
        self.folder = folder
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Its address, for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeHub:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault(self, path: str) -> str:
        """What is to go wrong with this request."""
        for start, faults in self.faults.items():
            if faults and (path.startswith(start) or path.endswith(start)):
                return faults.pop(0)
        return ""

    def content(self, path: str) -> bytes | None:
        """What lies at a path; None when nothing does."""
        if path.startswith("/api/models/someone/small/revision/"):
            return json.dumps(self.listing(self._listing())).encode()
        begin = "/someone/small/resolve/c0ffee/"
        file = self.folder / path.removeprefix(begin)
        return file.read_bytes() if path.startswith(begin) and file.is_file() else None

    def _listing(self) -> dict[str, Any]:
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {"sha": "c0ffee", "siblings": [self._sibling(path) for path in files]}

    def _sibling(self, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        told: dict[str, Any] = {
            "rfilename": str(path.relative_to(self.folder)),
            "size": len(data),
            "blobId": sha1(
                f"blob {len(data)}\0".encode() + data, usedforsecurity=False
            ).hexdigest(),
        }
        if path.suffix == ".safetensors":
            told["lfs"] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
        return told


class _Handler(BaseHTTPRequestHandler):
    """One request; the library wants a subclass."""

    def __init__(self, hub: FakeHub, *given: Any) -> None:  # noqa: ANN401 - the library's own
        self._hub = hub
        super().__init__(*given)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self._hub.asked.append((path, self.headers.get("range", "")))
        fault = self._hub.fault(path)
        if fault == "hang":
            self._hub.over.wait()
        elif fault == "loop":
            self._send(302, b"", {"location": self.path})
        elif fault.isdecimal():
            self._send(int(fault), b"as told")
        elif fault != "close":
            self._content(path, fault)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _content(self, path: str, fault: str) -> None:
        data = self._hub.content(path)
        if data is None:
            self._send(404, b"nothing here")
            return
        if fault in _BODIES:
            data = _BODIES[fault](data)
        start = 0 if fault == "whole" else _start(self.headers.get("range", ""))
        body = data[start:]
        self._head(206 if start else 200, len(body), {})
        if fault == "drip":
            self._drip(body)
        else:
            self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

    def _drip(self, body: bytes) -> None:
        for n in range(len(body)):
            if self._hub.over.wait(0.02):
                return
            try:
                self.wfile.write(body[n : n + 1])
            except OSError:
                return  # the other side lost patience, as it should

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), headers or {})
        self.wfile.write(body)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()


_BODIES: dict[str, Callable[[bytes], bytes]] = {
    "html": lambda _: b"<html>Sign in to this network</html>",
    "altered": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "long": lambda data: data + b"more",
    "empty": lambda _: b"",
}


def _start(header: str) -> int:
    begun = header.removeprefix("bytes=").removesuffix("-")
    return int(begun) if begun.isdecimal() else 0
