"""What a server gave, in a folder: the processes that come after still have it while it is away."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import pbkdf2_hmac
from hmac import compare_digest, digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from anyio import to_thread

from promptuary.domain import plain
from promptuary.domain.library import KeptPrompt
from promptuary.sdk.line import Sent, address, key_of

MOST: Final = 1_000
MOST_BYTES: Final = 64 * 1024 * 1024
ROUNDS: Final = 200_000
"""What it costs to try one API key on a file: a tenth of a second, once in each process."""
DRAFT: Final = "draft-"
LONGEST_DRAFT: Final = 3600.0
"""Seconds after which nobody is still writing a draft: a process that was killed left it."""
_OURS: Final = re.compile(r"[0-9a-f]{64}\.prompt")
_log = logging.getLogger("promptuary.sdk")


@dataclass(frozen=True, slots=True)
class Good:
    """An answer with its ETag, and when the server last gave it or said that it still holds."""

    kept: KeptPrompt
    etag: str
    at: datetime


class FolderCache:
    """The last good answers of one server to one API key, each in a file of its own.

    Several processes, servers and keys may share a folder. File names and contents are
    authenticated (HMAC, RFC 2104) under a secret made of the key and the server's address
    (PBKDF2, RFC 8018), so whoever has another key finds nothing, and nothing that was changed,
    cut off or renamed is read. The longest untouched go first, beyond `most` files or `most_bytes`.
    No method raises for what the folder is like: that is logged as a warning.
    """

    def __init__(
        self,
        folder: str | Path,
        base_url: str,
        api_key: str | None,
        *,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._folder = Path(folder).expanduser().absolute()
        self._where = address(base_url)
        self._api_key = key_of(api_key) if api_key is not None else ""
        self._most, self._most_bytes = most, most_bytes
        self._said = ""

    async def get(self, sent: Sent) -> Good | None:
        """The last good answer to that request, if there is a whole one."""
        return await to_thread.run_sync(self._read, sent)

    async def put(self, sent: Sent, good: Good) -> None:
        """Keep it in place of the one before, at once or not at all."""
        await to_thread.run_sync(self._write, sent, good)

    async def drop(self, sent: Sent) -> None:
        """Forget the answer to that request."""
        await to_thread.run_sync(self._remove, sent)

    def _read(self, sent: Sent) -> Good | None:
        path = self._path(sent)
        try:
            with path.open("rb") as file:
                mac, _, body = file.read(self._most_bytes).partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(f"{path} cannot be read: {error.strerror}")
            return None
        if not compare_digest(mac, self._mac(path.name.encode(), body)):
            self._say(f"{path} is damaged or not ours, and left out")
            return None
        try:
            return plain.decode(Good, body)
        except ValueError:
            self._say(f"{path} is of another version, and left out")
            return None

    def _write(self, sent: Sent, good: Good) -> None:
        path, body = self._path(sent), plain.encode(good)
        if len(body) > self._most_bytes // 2:
            self._say(f"{sent.path} is too large to be kept")
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = not path.exists()
            _replace(path, self._mac(path.name.encode(), body) + b"\n" + body)
            if new:
                self._prune()
            self._said = ""
        except OSError as error:
            self._say(f"nothing can be kept in {self._folder}: {error.strerror}")

    def _remove(self, sent: Sent) -> None:
        path = self._path(sent)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._say(f"{path} cannot be removed: {error.strerror}")

    def _prune(self) -> None:
        files, held = sorted(self._files(), reverse=True), 0
        for number, (_, size, path) in enumerate(files, 1):
            held += size
            if number > self._most or held > self._most_bytes:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each was written, its bytes and where it is; forgotten drafts are removed."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process is quicker
                status = path.stat()
                if _OURS.fullmatch(path.name):
                    yield status.st_mtime, status.st_size, path
                elif path.name.startswith(DRAFT) and status.st_mtime < time.time() - LONGEST_DRAFT:
                    path.unlink()

    def _path(self, sent: Sent) -> Path:
        asked = json.dumps([sent.method, sent.path, sent.parameters])
        return self._folder / f"{self._mac(b'name', asked.encode()).decode()}.prompt"

    def _mac(self, what: bytes, body: bytes) -> bytes:
        return digest(self._secret, what + b"\n" + body, "sha256").hex().encode()

    @cached_property
    def _secret(self) -> bytes:
        """An API key that somebody made up must not be guessed from a file."""
        return pbkdf2_hmac("sha256", self._api_key.encode(), self._where.encode(), ROUNDS)

    def _say(self, said: str) -> None:
        """Once, until it is something else: a prompt may be asked for many times a second."""
        if said != self._said:
            self._said = said
            _log.warning("cache of a server's prompts: %s", said)


def _replace(path: Path, data: bytes) -> None:
    """The whole of it, or what was there; no one else may read it. After a loss of power it may be
    cut off, which a reader sees: a cache is not worth waiting for the disk."""
    with NamedTemporaryFile(dir=path.parent, prefix=DRAFT, delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            Path(draft.name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise
