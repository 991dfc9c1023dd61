"""Some processes that read files, each one file at a time; one that hangs or dies is replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from promptuary.domain.errors import InvalidInput, TimedOut, TooLarge
from promptuary.domain.loading import Limits, RawFile, ReadFile, Unread
from promptuary.parsing.dispatch import Loaders
from promptuary.parsing.wire import (
    HEAD,
    OUT_OF_MEMORY,
    Request,
    packed,
    reply_in,
    request_out,
    unpacked,
)
from promptuary.plugins import document_loaders

FILES = 1_000
"""A process is replaced after so many files, whatever the packages that it uses have kept."""


class Readers:
    """Reads files within limits; what is wrong with a file stands in the answer, never raised."""

    def __init__(self, limits: Limits, *, processes: int = 2) -> None:
        self.limits = limits
        self._suffixes: frozenset[str] | None = None
        self._turn = asyncio.Semaphore(processes)
        self._idle: list[_Process] = []

    @property
    def suffixes(self) -> frozenset[str]:
        """Endings of names of files that can be read."""
        if self._suffixes is None:
            self._suffixes = Loaders(document_loaders()).suffixes
        return self._suffixes

    async def read(self, path: Path, *, known: str | None = None) -> ReadFile:
        """Read the file there, unless its digest is the `known` one."""
        return await self._ask(Request(os.fspath(path), self.limits, known))

    async def read_bytes(self, file: RawFile, *, known: str | None = None) -> ReadFile:
        """The same for a file that lies nowhere."""
        request = Request(file.name, self.limits, known, len(file.data))
        return await self._ask(request, file.data)

    async def aclose(self) -> None:
        """Stop the processes; closing twice is harmless."""
        idle, self._idle = self._idle, []
        for process in idle:
            await process.stop()

    async def _ask(self, request: Request, data: bytes = b"") -> ReadFile:
        async with self._turn:
            process = self._idle.pop() if self._idle else await _Process.started()
            try:
                async with asyncio.timeout(self.limits.seconds):
                    reply = await process.ask(packed(request_out(request)) + data)
            except TimeoutError:
                await process.stop()
                return _failed(TimedOut.code, f"not read within {self.limits.seconds:g} s")
            except (EOFError, ConnectionError, ValueError, KeyError, TypeError):
                return self._died(await process.ended())
            except BaseException:
                await process.stop()
                raise
            await self._put_back(process)
            return reply

    def _died(self, code: int) -> ReadFile:
        if code == OUT_OF_MEMORY:
            most = f"{self.limits.memory:,} bytes of memory"
            return _failed(TooLarge.code, f"reading it takes more than {most}")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return _failed(InvalidInput.code, f"reading it ended the process that did ({how})")

    async def _put_back(self, process: _Process) -> None:
        if process.files < FILES and process.alive:
            self._idle.append(process)
        else:
            await process.stop()


def _failed(code: str, reason: str) -> ReadFile:
    return ReadFile(failed=Unread("", code, reason))


class _Process:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.files = 0

    @classmethod
    async def started(cls) -> _Process:
        """A new one. It inherits no environment: what reads hostile files needs no keys."""
        path = os.pathsep.join(each for each in sys.path if each)
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "promptuary.parsing.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PYTHONPATH": path, "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        )

    @property
    def alive(self) -> bool:
        """It has not ended, and its pipe is open."""
        return self._process.returncode is None

    async def ask(self, message: bytes) -> ReadFile:
        """Send a request and wait for its answer."""
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise ConnectionError("a process without pipes")
        to.write(message)
        await to.drain()
        length = int.from_bytes(await back.readexactly(HEAD), "big")
        self.files += 1
        return reply_in(unpacked(await back.readexactly(length)))

    async def ended(self) -> int:
        """The code that it ended with by itself; stopped when it does not end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._process.wait()
        await self.stop()
        return self._process.returncode or 0

    async def stop(self) -> None:
        """End it, at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
