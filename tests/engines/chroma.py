"""A real Chroma server for the tests, from its wheel."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from servers import Server

NAME = "Chroma"

_RUN = "import sys; from chromadb.cli.cli import app; sys.argv[0] = 'chroma'; app()"


def server() -> Server:
    """One server; it knows no keys: whoever wants them puts a proxy before it. It is run by this
    interpreter, which another user may not be able to reach."""

    def command(home: Path, port: int) -> Sequence[str]:
        return [
            *(sys.executable, "-c", _RUN, "run", "--path", str(home / "data")),
            *("--host", "127.0.0.1", "--port", str(port)),
        ]

    return Server(command, answers=answers, steps_down=False)


def answers(port: int) -> bool:
    """Whether it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(b"GET /api/v2/heartbeat HTTP/1.0\r\n\r\n")
            return b" 200 " in asked.recv(64)
    except OSError:
        return False
