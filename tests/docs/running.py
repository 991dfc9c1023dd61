"""Running the code blocks of a page as a reader would: in order, in an empty folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from docs.pages import Block

SERVED = ("http://127.0.0.1:8000", "http://localhost:8000")
"""Where a server listens in the docs; the tests move it to a free port."""

INSTALLED = Path(sys.executable).parent
"""The folder of the installed commands."""

STARTS = ("promptuary serve", "promptuary worker")
"""Commands that stay; the block goes on beside them."""


@dataclass
class Reader:
    """Somebody who types in what a page says. `folder` is where they are and what is their home;
    `commands` is a folder whose commands come before the installed ones."""

    folder: Path
    port: int
    commands: Path
    said: str = ""
    names: dict[str, object] = field(default_factory=lambda: {"__name__": "page"})
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, block: Block) -> None:
        """Do what the block says; raises when that fails."""
        if block.printed:
            assert self.said == block.code, f"{block.page}:{block.line}: it prints\n{self.said}"
        elif block.language == "python":
            padded = "\n" * (block.line - 1) + self._moved(block.code)
            with redirect_stdout(StringIO()) as said:
                exec(compile(padded, block.page, "exec"), self.names)  # the docs are ours
            self.said = said.getvalue()
        elif block.language in {"sh", "console"}:
            self._shell(block)
        elif block.language == "json":
            json.loads(block.code)
        elif block.language == "toml":
            tomllib.loads(block.code)

    def _moved(self, code: str) -> str:
        for address in SERVED:
            code = code.replace(address, f"http://127.0.0.1:{self.port}")
        return code

    def _shell(self, block: Block) -> None:
        lines = self._moved(block.commands).splitlines()
        stays = any(line.startswith(STARTS) for line in lines)
        script = "\n".join(
            f"{line} &" if line.startswith(STARTS) and not line.endswith(("&", "\\")) else line
            for line in lines
        )
        with tempfile.TemporaryFile() as said:
            command = ["bash", "-euo", "pipefail", "-c", script]
            shell = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            self.started.append(shell)
            code = shell.wait(timeout=100)
            if any(line.startswith("promptuary serve") for line in lines):
                self._until_it_answers()
            said.seek(0)
            self.said = said.read().decode()
            where = f"{block.page}:{block.line}"
            assert code == 0, f"{where} ended with {code}:\n{script}\n{self.said}"
        if not stays:
            self.started.remove(shell)

    def environment(self) -> dict[str, str]:
        """The reader's own, with this Python's commands and without anybody else's settings."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("PROMPTUARY_")}
        path = os.pathsep.join(map(str, (self.commands, INSTALLED, own.get("PATH", ""))))
        home = {"HOME": str(self.folder), "PROMPTUARY_PORT": str(self.port), "COLUMNS": "100"}
        return own | home | {"PATH": path, "NO_COLOR": "1", "TERM": "dumb"}

    def _until_it_answers(self) -> None:
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the server of the page does not listen")

    def leave(self) -> None:
        """Stop what the page started."""
        for process in self.started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


@contextmanager
def reader(folder: Path, commands: Path) -> Iterator[Reader]:
    """Somebody new in that folder, gone again afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    someone = Reader(folder, port, commands)
    try:
        yield someone
    finally:
        someone.leave()


def run_all(blocks: Sequence[Block], folder: Path, commands: Path = INSTALLED) -> None:
    """Every block that is not marked otherwise, in order."""
    with reader(folder, commands) as someone:
        for block in blocks:
            if block.not_run is None:
                someone.run(block)
