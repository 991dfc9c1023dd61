"""The folder of an index: its lock, its small files, and the seal that shows damage."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from promptuary.domain.errors import NO_ROOM, Busy, Misconfigured, StorageFull, Unavailable

_BLOCK = 1 << 16
_HEADROOM = 32 << 20
"""Bytes kept free: the engine writes through mapped files, and where the disk is full such a write
ends the process (SIGBUS)."""
_BEGUN = {"state.json", "state.json.part", "ledger.log"}
"""What a creation leaves that was killed, or found the disk full, before there was an engine."""


class Damaged(Exception):  # noqa: N818  # named as the errors of the domain are
    """What lies in the folder is not what was written there. Never leaves this package."""


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Give an operating system's error its place among ours."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull(f"no room left for the index in {path}") from error
        raise Unavailable(f"cannot use the index folder {path}: {error.strerror}") from error


class Folder:
    """An index's folder, claimed for this process until `release`."""

    def __init__(self, path: Path) -> None:
        """Claim the folder, made if there was none. Raises Busy when it is claimed already, and
        Misconfigured when something else lives there."""
        self.path = path
        with disk_errors(path):
            self._lock = _claim(path)
        strangers = {found.name for found in path.iterdir()} - {"lock"}
        known = not strangers or strangers & {"identity.json", "shard"} or self._begun(strangers)
        if not known:
            self.release()
            raise Misconfigured(f"{path} holds other things than an index; give it its own folder")

    @property
    def shard(self) -> Path:
        """Where the engine lives."""
        return self.path / "shard"

    @property
    def ledger(self) -> Path:
        """Where the ledger's log is."""
        return self.path / "ledger.log"

    def read(self, name: str) -> dict[str, Any] | None:
        """A small file, None when it is not there; raises Damaged when it cannot be read."""
        try:
            found = json.loads((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise Damaged(f"{name} cannot be read") from error
        if not isinstance(found, dict):
            raise Damaged(f"{name} is not what was written")
        return found

    def _begun(self, names: set[str]) -> bool:
        if not names <= _BEGUN:
            return False
        try:
            state = self.read("state.json")
        except Damaged:
            return False
        return names == {"state.json.part"} if state is None else "watermark" in state

    def write(self, name: str, content: Mapping[str, Any], *, sync: bool = True) -> None:
        """Replace a small file in one step; with `sync` it also outlives a loss of power."""
        part = self.path / f"{name}.part"
        with disk_errors(self.path):
            with part.open("wb") as file:
                file.write(json.dumps(content).encode())
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            part.replace(self.path / name)
            if sync:
                _sync_folder(self.path)

    def find_room(self, size: int) -> None:
        """Raise StorageFull unless that many bytes can be written with room to spare."""
        with disk_errors(self.path):
            disk = os.statvfs(self.path)
        if disk.f_bavail * disk.f_frsize < size + _HEADROOM:
            raise StorageFull(f"no room left for the index in {self.path}")

    def seal(self) -> None:
        """Note what every file holds, at the end of an orderly close."""
        self.write("seal.json", {"files": _checksums(self.path)})

    def break_seal(self) -> bool:
        """Check and remove the seal; False when there was none (the last process was killed).

        Raises Damaged when a file is missing or holds anything else than when it was sealed.
        """
        sealed = self.read("seal.json")
        if sealed is None:
            return False
        files, now = sealed.get("files", {}), _checksums(self.path)
        for name in sorted(files.keys() | now.keys()):
            if files.get(name) != now.get(name):
                raise Damaged(f"{name} is not as it was left")
        (self.path / "seal.json").unlink()
        return True

    def set_aside(self) -> Path:
        """Move everything to `<folder>.damaged-N` and claim a fresh folder in its place."""
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        with disk_errors(self.path):
            self.path.rename(aside)
            self.release()
            self._lock = _claim(self.path)
        return aside

    def release(self) -> None:
        """Let others claim the folder; releasing twice is harmless."""
        with suppress(OSError):
            os.close(self._lock)
        self._lock = -1


def _claim(path: Path) -> int:
    path.mkdir(parents=True, exist_ok=True)
    lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Busy(f"another process has the index folder {path} open") from None
    return lock


def _checksums(path: Path) -> dict[str, list[int]]:
    """Size and checksum of everything in the folder but the lock and the seal itself."""
    return {
        str(file.relative_to(path)): [file.stat().st_size, _checksum(file)]
        for file in path.rglob("*")
        if file.is_file() and file.name not in ("lock", "seal.json", "seal.json.part")
    }


def _checksum(path: Path) -> int:
    """A checksum of the blocks that are not all zeros, with their places.

    The engine sets large files aside in advance; their holes are not read where the file system
    can name them.
    """
    total, zeros = 0, bytes(_BLOCK)
    with path.open("rb", buffering=0) as file:
        for start in _written(file.fileno()):
            block = os.pread(file.fileno(), _BLOCK, start)
            if block != zeros[: len(block)]:
                total = crc32(block, crc32(start.to_bytes(8, "little"), total))
    return total


def _written(file: int) -> Iterator[int]:
    """Where the blocks begin that may hold something."""
    at, size = 0, os.fstat(file).st_size
    while at < size:
        try:
            at = max(at, os.lseek(file, at, os.SEEK_DATA) // _BLOCK * _BLOCK)
            end = max(at + 1, os.lseek(file, at, os.SEEK_HOLE))
        except OSError:  # nothing but a hole up to the end
            return
        while at < end:
            yield at
            at += _BLOCK


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
