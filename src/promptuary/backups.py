"""A home out into one file, and back: the record as it was at one moment, checked whole.

What can be derived (the index, caches) is left out, and so are keys and models.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from anyio import to_thread

from promptuary import __version__
from promptuary.adapters.units_of_work import sqlite
from promptuary.domain import plain
from promptuary.domain.archives import HomeArchive
from promptuary.domain.errors import Conflict, InvalidInput, TooLarge, Unsupported
from promptuary.home import held
from promptuary.ports.clock import Clock
from promptuary.settings import Settings
from promptuary.storing import arriving, leaving

MANIFEST: Final = "manifest.json"
FILES: Final = ("record.db", "spending.db")
"""What a backup may hold: names that we know, so that none of an archive's own is ever written."""
MIMETYPE: Final = b"promptuary-home/1"
LONGEST_MANIFEST = 1024 * 1024
PIECE = 1024 * 1024
_BESIDE = ("", "-wal", "-shm")


async def backup(settings: Settings, clock: Clock, to: str | Path) -> HomeArchive:
    """Copy the record (and what was spent) of one moment into a file: a path, or a URL of a blob
    store. A server may go on working meanwhile.

    Raises Unsupported for a record in PostgreSQL, NotFound where there is none, StorageFull.
    """
    files = _files(settings)
    home = settings.home.expanduser()
    async with leaving(str(to), home) as path:
        with TemporaryDirectory(dir=home, prefix=".backup-") as folder:
            said = HomeArchive(clock.now(), f"promptuary {__version__}", {}, 0)
            packing = partial(_pack, files, Path(folder), path, said)
            return await to_thread.run_sync(packing)


async def restore(
    settings: Settings, clock: Clock, place: str | Path, *, over: bool = False
) -> HomeArchive:
    """Put the record of a backup into the home, which nobody else may use meanwhile.

    All of it is checked first. With `over` a record that is there is moved aside, into a folder
    `before-restore-...` of the home; without it, it is a Conflict. The index is derived anew when
    the home is opened. Raises NotFound, Busy, InvalidInput for a damaged file, TooLarge,
    Unsupported for a record in PostgreSQL.
    """
    files = _files(settings)
    home = settings.home.expanduser().absolute()
    async with held(home), arriving(str(place), home) as path:
        with TemporaryDirectory(dir=home, prefix=".restore-") as folder:
            said = await to_thread.run_sync(_unpack, path, Path(folder))
            if files["record.db"].exists() and not over:
                raise Conflict(
                    f"{home} holds a record already: restore into another home, or move it aside "
                    "with --over"
                )
            aside = home / f"before-restore-{clock.now():%Y%m%dT%H%M%S}"
            index = _folder_of(settings.urls().index)
            placing = partial(_place, Path(folder), files, aside, index)
            await to_thread.run_sync(placing)
    return said


def _files(settings: Settings) -> dict[str, Path]:
    """Where each file of a backup lies."""
    urls = settings.urls()
    if not urls.record.startswith("sqlite:"):
        raise Unsupported(
            "the record is in PostgreSQL: back it up with `pg_dump --format=custom` and bring it "
            "back with `pg_restore`; then `promptuary index rebuild`"
        )
    found = {"record.db": sqlite.file_of(urls.record)}
    if urls.spending.startswith("sqlite:"):
        found["spending.db"] = sqlite.file_of(urls.spending)
    return found


def _pack(files: dict[str, Path], folder: Path, target: Path, said: HomeArchive) -> HomeArchive:
    digests, size = dict[str, str](), 0
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.comment = MIMETYPE
        for name, path in files.items():
            if name != "record.db" and not path.is_file():
                continue
            copy = folder / name
            sqlite.snapshot(f"sqlite:///{path}", copy)
            digests[name], size = _digest(copy), size + copy.stat().st_size
            archive.write(copy, name)
            copy.unlink()
        manifest = replace(said, files=digests, bytes=size)
        archive.writestr(MANIFEST, plain.encode(manifest))
    return manifest


def _unpack(path: Path, folder: Path) -> HomeArchive:
    with _opened(path) as archive:
        said = _manifest(archive)
        if {*said.files, MANIFEST} != set(archive.namelist()) or "record.db" not in said.files:
            raise _damaged("it does not hold what it says")
        for name, digest in said.files.items():
            info = archive.getinfo(name)
            if info.file_size > max(said.bytes, 0):
                raise TooLarge(f"{name} of the backup unpacks to more than it says")
            with archive.open(info) as member, (folder / name).open("wb") as file:
                if _copied(member, file, said.bytes) != digest:
                    raise _damaged(f"{name} is not what was backed up")
            sqlite.check_whole(folder / name)
    return said


def _place(folder: Path, files: dict[str, Path], aside: Path, index: Path | None) -> None:
    """What was there goes aside first; each step is a rename."""
    old = [Path(f"{path}{end}") for path in files.values() for end in _BESIDE]
    for path in [*old, *([index] if index else [])]:
        if path.exists():
            aside.mkdir(parents=True, exist_ok=True)
            path.rename(aside / path.name)
    for name, path in files.items():
        if (folder / name).is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(path)


def _folder_of(index: str) -> Path | None:
    scheme, _, path = index.partition(":")
    return Path(path) if scheme == "edge" else None


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if archive.comment != MIMETYPE or len(set(names)) != len(names):
                raise _damaged("it is no backup of a home, or of another version")
            if not {*names} <= {*FILES, MANIFEST}:
                raise _damaged("it holds other files than a backup does")
            yield archive
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(str(error)) from error


def _manifest(archive: ZipFile) -> HomeArchive:
    try:
        with archive.open(MANIFEST) as member:
            return plain.decode(HomeArchive, member.read(LONGEST_MANIFEST))
    except (KeyError, ValueError) as error:
        raise _damaged(f"its manifest cannot be read: {error}") from error


def _copied(source: IO[bytes], target: IO[bytes], most: int) -> str:
    made, size = sha256(), 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > most:
            raise TooLarge("the backup unpacks to more than it says")
        made.update(piece)
        target.write(piece)
    return made.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        made = sha256()
        while piece := file.read(PIECE):
            made.update(piece)
    return made.hexdigest()


def _damaged(why: str) -> InvalidInput:
    return InvalidInput(f"the backup cannot be restored: {why}", fields={"file": why})
