"""Sockets that the server listens on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from promptuary.domain.errors import Misconfigured


@contextmanager
def listening(host: str, port: int, named: str = "PROMPTUARY_PORT") -> Iterator[socket.socket]:
    """A socket on that address, closed at the end. Raises Misconfigured when it cannot be had;
    `named` is the setting of the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host} port {port} ({error.strerror or error}); "
            f"choose another with PROMPTUARY_HOST and {named}"
        ) from error
    # Connections inherit it. asyncio sets it only where a socket names its protocol; without it
    # each answer of two packets waits 40 ms for the client's acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener
