"""The folder of an embedded Promptuary: one process at a time may hold it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from promptuary.domain.errors import Busy, Misconfigured

POLL_SECONDS = 0.05
WAIT_SECONDS = 5.0


@asynccontextmanager
async def held(home: Path, *, wait: float = WAIT_SECONDS) -> AsyncIterator[None]:
    """Hold the folder (made if missing) for as long as the context lasts.

    While another process holds it, waits up to `wait` seconds, then raises Busy with its process
    id. The lock is the kernel's: it is gone with the process, however that ends. Raises
    Misconfigured when the folder cannot be made or written.
    """
    descriptor = _open(home)
    try:
        await _acquire(descriptor, home, wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(home: Path) -> int:
    try:
        home.mkdir(parents=True, exist_ok=True)
        return os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured(
            f"the home {home} cannot be used ({reason}); choose another with --home"
        ) from error


async def _acquire(descriptor: int, home: Path, wait: float) -> None:
    """Polls: the kernel offers no timed flock, and a blocked thread could not be cancelled."""
    for _ in range(max(1, round(wait / POLL_SECONDS))):
        if _try(descriptor):
            return
        await anyio.sleep(POLL_SECONDS)
    holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
    raise Busy(
        f"the home {home} is in use by process {holder}; "
        "stop it, ask it over HTTP, or choose another home"
    )


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
