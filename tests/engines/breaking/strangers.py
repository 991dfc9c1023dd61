"""Servers that are not what an adapter looks for, or stand before one that is. All are fakes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import grpc

Serve = Callable[[socket.socket], None]
_REFUSED = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 26\r\nconnection: close\r\n\r\n"
_REASON = b'{"error":"Unauthorized"}\r\n'


@contextmanager
def speaking(said: Mapping[str, object]) -> Iterator[int]:
    """The port of an HTTP server that knows these paths and what they say; others are missing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = self.path.partition("?")[0] in said
            body = json.dumps(said.get(self.path.partition("?")[0], {"error": "missing"})).encode()
            self.send_response(200 if known else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as above

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextmanager
def old_postgresql(version: str = "9.6.24") -> Iterator[int]:
    """The port of a PostgreSQL that lets anybody in, is of this version, and does nothing."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    greeting = message(b"R", bytes(4))
    for name, text in {"server_version": version, "client_encoding": "UTF8"}.items():
        greeting += message(b"S", f"{name}\0{text}\0".encode())
    greeting += message(b"K", bytes(8)) + message(b"Z", b"I")
    done = message(b"C", b"RESET\0") + message(b"Z", b"I")

    def serve(asked: socket.socket) -> None:
        with asked, suppress(OSError):
            asked.recv(8)
            asked.sendall(b"N")  # no TLS
            asked.recv(4_096)
            asked.sendall(greeting)
            while asked.recv(4_096):
                asked.sendall(done)

    with _listening(serve) as port:
        yield port


@contextmanager
def guarded(port: int, key: str) -> Iterator[int]:
    """The port of a gate before another: it lets in who shows this key, as engines without keys of
    their own are guarded. Each connection is asked once."""

    def serve(asked: socket.socket) -> None:
        with asked, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (more := asked.recv(65_536)):
                head += more
            if key.encode() not in head.partition(b"\r\n\r\n")[0]:
                asked.sendall(_REFUSED + _REASON)
                return
            _joined(asked, port, head)

    with _listening(serve) as own:
        yield own


@contextmanager
def encrypting(port: int, certificate: Path) -> Iterator[int]:
    """The port at which TLS is spoken for a server that speaks none."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])

    def serve(asked: socket.socket) -> None:
        with asked, suppress(OSError), context.wrap_socket(asked, server_side=True) as open_one:
            _joined(open_one, port, b"")

    with _listening(serve) as own:
        yield own


@contextmanager
def calling(certificate: Path) -> Iterator[int]:
    """The port of a server that speaks gRPC by TLS and knows no call."""
    kept = certificate.read_bytes()
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(kept, kept)]))
    server.start()
    yield port
    server.stop(None).wait()


def _joined(asked: socket.socket, port: int, first: bytes) -> None:
    """Carry bytes both ways until one side is done."""
    with socket.create_connection(("127.0.0.1", port)) as there:
        there.sendall(first)
        back = threading.Thread(target=partial(_carried, there, asked), daemon=True)
        back.start()
        _carried(asked, there)
        back.join()


def _carried(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65_536):
            target.sendall(some)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def _listening(serve: Serve) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    asked, _ = listening.accept()
                    threading.Thread(target=serve, args=(asked,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
