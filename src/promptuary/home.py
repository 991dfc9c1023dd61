"""The folder of an embedded Promptuary: one process at a time may hold it."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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


def own_secret(home: Path, name: str) -> bytes:
    """Thirty-two random bytes that this home keeps under that name, made when first asked for and
    readable by its owner alone. Raises Misconfigured where they cannot be kept."""
    path = home / name
    try:
        with suppress(FileExistsError):
            home.mkdir(parents=True, exist_ok=True)
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "wb") as file:
                file.write(secrets.token_bytes(32))
        kept = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be kept: {error.strerror or error}") from error
    if len(kept) != 32:
        raise Misconfigured(f"{path} is damaged; delete it, and a new one is made")
    return kept


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
