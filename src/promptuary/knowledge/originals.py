"""Files as they were when they were read: kept, given out again, and removed with their source.

A blob is named by the SHA-256 of its content and a few letters of its own, so that nobody who
deletes can meet somebody who writes the same. It is noted in the record before it is put, and what
is noted without a source is removed: whenever this is killed, no file stays that nobody knows of.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_hex
from typing import IO
from uuid import uuid4

from anyio import Semaphore, create_task_group, to_thread

from promptuary.domain.documents import Original
from promptuary.domain.errors import NO_ROOM, NotFound, StorageFull, Unavailable
from promptuary.ports.blob_store import BlobStore
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

AT_ONCE = 8
PATIENCE = timedelta(days=1)
"""How long a file may be on its way."""
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """A copy of a file that is about to be kept, and what it will be."""

    path: Path
    original: Original


@dataclass(frozen=True, slots=True)
class Originals:
    """Where originals are kept. Drafts lie in the folder `room`, which nobody else uses."""

    record: UnitOfWork
    store: BlobStore
    clock: Clock
    room: Path

    async def draft(self, raw: Path | bytes | IO[bytes], digest: str) -> Draft | None:
        """A copy of what was read; None where the file is no longer the one of that digest."""
        path = self.room / uuid4().hex
        found, size = await to_thread.run_sync(_copied, raw, path)
        if found != digest:
            await to_thread.run_sync(_discarded, [path])
            return None
        blob = f"{digest[:2]}/{digest}-{token_hex(6)}"
        return Draft(path, Original(blob, digest, size))

    async def put(self, drafts: Sequence[Draft]) -> None:
        """Keep them, as nobody's yet. Raises what the blob store raises; then all come to
        nothing."""
        if not drafts:
            return
        try:
            async with self.record.begin() as tx:
                expected = [each.original for each in drafts]
                await tx.originals.expect(expected, self.clock.now() + PATIENCE)
            await self._put(drafts)
        finally:
            await to_thread.run_sync(_discarded, [each.path for each in drafts])

    async def _put(self, drafts: Sequence[Draft]) -> None:
        turn = Semaphore(AT_ONCE)
        failed: list[Exception] = []

        async def one(draft: Draft) -> None:
            async with turn:
                try:
                    await self.store.put(draft.original.blob, draft.path)
                except Exception as error:  # noqa: BLE001 - raised below, one and not a group
                    failed.append(error)

        async with create_task_group() as tasks:
            for each in drafts:
                tasks.start_soon(one, each)
        if failed:
            raise failed[0]

    async def sweep(self) -> None:
        """Remove the files of no source. A store that is away now is swept the next time."""
        with suppress(Unavailable):
            while blobs := await self._stray():
                await self.store.remove(blobs)
                async with self.record.begin() as tx:
                    await tx.originals.drop(blobs)

    async def fetch(self, id: str, to: Path) -> Original:
        """Write the original of that source, or document, to a file. Raises NotFound where none is
        kept, or what is kept is not what was read."""
        async with self.record.read() as tx:
            original = await tx.originals.of(id)
        await self.store.fetch(original.blob, to)
        if await to_thread.run_sync(_digest, to) != original.digest:
            await to_thread.run_sync(_discarded, [to])
            raise NotFound("original", id)
        return original

    async def taken(self, id: str, to: Path) -> bool | None:
        """Write the original of that source to a file. None where none was kept of what was read
        last, False where it is gone or altered."""
        async with self.record.read() as tx:
            try:
                original = await tx.originals.of(id)
            except NotFound:
                return None
        await to_thread.run_sync(lambda: to.parent.mkdir(parents=True, exist_ok=True))
        try:
            await self.store.fetch(original.blob, to)
        except NotFound:
            return False
        return await to_thread.run_sync(_digest, to) == original.digest

    async def tidy(self) -> None:
        """Begin with an empty room: what lies there is of somebody who was killed."""
        await to_thread.run_sync(lambda: shutil.rmtree(self.room, ignore_errors=True))

    async def _stray(self) -> Sequence[str]:
        async with self.record.read() as tx:
            return await tx.originals.stray(self.clock.now())


def _copied(raw: Path | bytes | IO[bytes], path: Path) -> tuple[str, int]:
    """The digest and size of the copy."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as copy:
            if isinstance(raw, bytes):
                return sha256(raw).hexdigest(), copy.write(raw)
            try:
                source = raw.open("rb") if isinstance(raw, Path) else raw
            except OSError:  # it went since it was read
                return "", 0
            return _copied_from(source, copy)
    except OSError as error:
        _discarded([path])
        kind = StorageFull if error.errno in NO_ROOM else Unavailable
        raise kind(f"no file can be kept in {path.parent}: {error.strerror}") from error


def _copied_from(source: IO[bytes], copy: IO[bytes]) -> tuple[str, int]:
    made, size = sha256(), 0
    with source:
        while piece := source.read(PIECE):
            made.update(piece)
            size += copy.write(piece)
    return made.hexdigest(), size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _discarded(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
