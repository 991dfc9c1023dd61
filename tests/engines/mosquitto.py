"""A real MQTT broker: Debian's mosquitto, which keeps what it could not deliver."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import anyio

from servers import Server

HELLO = bytes((0x10, 14, 0, 4)) + b"MQTT" + bytes((4, 2, 0, 60, 0, 2)) + b"up"
"""CONNECT of a client named `up` with a clean session."""


def mosquitto(path: Path, *, password: str = "") -> Server:
    """Anybody is let in; with a password only the user `guard` who knows it."""

    def prepare(home: Path) -> list[str]:
        if not password:
            return ["true"]
        made = path.with_name("mosquitto_passwd")
        tool = made if made.exists() else Path(shutil.which("mosquitto_passwd") or "")
        return [str(tool), "-b", "-c", str(home / "passwords"), "guard", password]

    def command(home: Path, port: int) -> list[str]:
        lines = [
            f"listener {port} 127.0.0.1", "persistence true", f"persistence_location {home}/",
            "autosave_interval 1", "autosave_on_changes true", "max_queued_messages 100000",
            "log_dest stderr", "log_type error", "log_type warning", "log_type subscribe",
            *([f"password_file {home}/passwords"] if password else ["allow_anonymous true"]),
        ]  # fmt: skip
        (home / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        (home / "mosquitto.conf").chmod(0o644)
        return [str(path), "-c", str(home / "mosquitto.conf")]

    return Server(command, answers=_answers, prepare=prepare)


async def subscribed(server: Server, client: str) -> None:
    """Return when the broker has noted a subscription of that client: a message that comes before
    the first one is nobody's."""
    while f": {client} ".encode() not in (server.home / "log").read_bytes():  # noqa: ASYNC110 - a file tells nobody
        await anyio.sleep(0.005)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(HELLO)
            return asked.recv(2)[:1] == b"\x20"
    except OSError:
        return False
