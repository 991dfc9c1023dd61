"""A home out into one file, and back: the record as it was at one moment, checked whole.

Originals go with it, each held to the SHA-256 that it is named by. What can be derived (the index,
caches) is left out, and so are keys and models.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import anyio
from anyio import to_thread

from promptuary import __version__
from promptuary.adapters.units_of_work import sqlite
from promptuary.domain import plain
from promptuary.domain.archives import HomeArchive
from promptuary.domain.errors import (
    NO_ROOM,
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    TooLarge,
    Unavailable,
    Unsupported,
)
from promptuary.home import held
from promptuary.knowledge import packed
from promptuary.plugins import open_blob_store
from promptuary.ports.blob_store import BlobStore
from promptuary.ports.clock import Clock
from promptuary.settings import Settings
from promptuary.storing import arriving, leaving

MANIFEST: Final = "manifest.json"
FILES: Final = ("record.db", "spending.db")
"""What a backup may hold: names that we know, so that none of an archive's own is ever written."""
MIMETYPE: Final = b"promptuary-home/2"
BEFORE: Final = b"promptuary-home/1"
"""The comment of such a ZIP file: its version, and the one without originals, which is read too."""
LONGEST_MANIFEST = 1024 * 1024
PIECE = 1024 * 1024
_BESIDE = ("", "-wal", "-shm")


async def backup(
    settings: Settings, clock: Clock, to: str | Path, *, originals: bool | None = None
) -> HomeArchive:
    """Copy the record (and what was spent) of one moment into a file: a path, or a URL of a blob
    store. A server may go on working meanwhile.

    The `originals` of its sources go with it; unless said otherwise those that lie in a folder, as
    a store elsewhere is none of this home's. One that is gone or altered stops nothing: it is
    counted. Raises Unsupported for a record in PostgreSQL, NotFound where there is none,
    StorageFull.
    """
    files = _files(settings)
    home = settings.home.expanduser()
    wanted = _in_folder(settings) if originals is None else originals
    async with leaving(str(to), home) as path:
        # Beside the file that is written: the disk of the home may be full, or not be written to.
        with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            said = HomeArchive(clock.now(), f"promptuary {__version__}", {}, 0)
            with ZipFile(path, "w", ZIP_DEFLATED) as archive:
                archive.comment = MIMETYPE
                packing = partial(_pack, archive, files, Path(folder), said)
                said, blobs = await to_thread.run_sync(packing)
                if wanted:
                    said = await _pack_originals(settings, archive, blobs, Path(folder), said)
                archive.writestr(MANIFEST, plain.encode(said))
            return said


async def restore(
    settings: Settings, clock: Clock, place: str | Path, *, over: bool = False
) -> HomeArchive:
    """Put the record of a backup into the home, which nobody else may use meanwhile, and its
    originals where the settings keep originals.

    All of it is checked first. With `over` a record that is there is moved aside, into a folder
    `before-restore-...` of the home; without it, it is a Conflict. The index is derived anew when
    the home is opened. Stopped or failed at any step, the home is as it was. Raises NotFound, Busy,
    InvalidInput for a damaged file, TooLarge, StorageFull, Unavailable where the home cannot be
    written, Unsupported for a record in PostgreSQL.
    """
    files = _files(settings)
    home = settings.home.expanduser().absolute()
    async with held(home), arriving(str(place), home) as path:
        with _explained(home), TemporaryDirectory(dir=home, prefix=".restore-") as folder:
            said = await to_thread.run_sync(_unpack, path, Path(folder))
            if files["record.db"].exists() and not over:
                raise Conflict(
                    f"{home} holds a record already: restore into another home, or move it aside "
                    "with --over"
                )
            aside = home / f"before-restore-{clock.now():%Y%m%dT%H%M%S}"
            with _set_aside(files, aside, _folders(settings)):
                if said.originals and settings.urls().originals != "none":
                    await _unpack_originals(settings, path, Path(folder))
                _place(Path(folder), files)
    return said


@contextmanager
def _explained(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull(f"no room left in {home}; nothing was restored") from error
        raise Unavailable(f"{home} cannot be written: {error.strerror or error}") from error


def _in_folder(settings: Settings) -> bool:
    return settings.urls().originals.startswith("folder:")


async def _pack_originals(
    settings: Settings, archive: ZipFile, blobs: Sequence[str], folder: Path, said: HomeArchive
) -> HomeArchive:
    """One after the other, each only if it is what was read."""
    store = await open_blob_store(settings.urls().originals)
    draft, kept, size = folder / "original", 0, 0
    try:
        for blob in blobs:
            if await _fetched(store, blob, draft):
                await to_thread.run_sync(packed.pack, archive, packed.FOLDER + blob, draft)
                kept, size = kept + 1, size + (await anyio.Path(draft).stat()).st_size
    finally:
        await store.aclose()
    return replace(said, originals=kept, original_bytes=size, missing=len(blobs) - kept)


async def _fetched(store: BlobStore, blob: str, draft: Path) -> bool:
    try:
        await store.fetch(blob, draft)
    except NotFound:
        return False
    return await to_thread.run_sync(_digest, draft) == packed.digest_in(packed.FOLDER + blob)


async def _unpack_originals(settings: Settings, path: Path, folder: Path) -> None:
    store = await open_blob_store(settings.urls().originals)
    draft = folder / "original"
    try:
        with _opened(path) as archive:
            for member in archive.namelist():
                if packed.digest_in(member) is not None:
                    await to_thread.run_sync(_extracted, archive, member, draft)
                    await store.put(member.removeprefix(packed.FOLDER), draft)
    finally:
        await store.aclose()


def _extracted(archive: ZipFile, member: str, draft: Path) -> None:
    with archive.open(member) as source, draft.open("wb") as target:
        shutil.copyfileobj(source, target, PIECE)


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


def _pack(
    archive: ZipFile, files: dict[str, Path], folder: Path, said: HomeArchive
) -> tuple[HomeArchive, Sequence[str]]:
    """Second, the originals that the copied record names."""
    digests, size, blobs = dict[str, str](), 0, list[str]()
    for name, path in files.items():
        if name != "record.db" and not path.is_file():
            continue
        copy = folder / name
        sqlite.snapshot(f"sqlite:///{path}", copy)
        digests[name], size = _digest(copy), size + copy.stat().st_size
        archive.write(copy, name)
        if name == "record.db":
            blobs = sqlite.blobs_in(copy)
        copy.unlink()
    return replace(said, files=digests, bytes=size), blobs


def _unpack(path: Path, folder: Path) -> HomeArchive:
    with _opened(path) as archive:
        said = _manifest(archive)
        originals = packed.members(archive)
        held = {*archive.namelist()} - {*originals}
        if {*said.files, MANIFEST} != held or "record.db" not in said.files:
            raise _damaged("it does not hold what it says")
        if len(originals) != said.originals:
            raise _damaged("it does not hold the originals that it says")
        for name, digest in said.files.items():
            info = archive.getinfo(name)
            if info.file_size > max(said.bytes, 0):
                raise TooLarge(f"{name} of the backup unpacks to more than it says")
            with archive.open(info) as member, (folder / name).open("wb") as file:
                if _copied(member, file, said.bytes) != digest:
                    raise _damaged(f"{name} is not what was backed up")
            sqlite.check_whole(folder / name)
        packed.check(archive, said.original_bytes)
    return said


@contextmanager
def _set_aside(files: dict[str, Path], aside: Path, folders: Sequence[Path]) -> Iterator[None]:
    """What was there; each step is a rename. It comes back when what takes its place fails."""
    old = [Path(f"{path}{end}") for path in files.values() for end in _BESIDE]
    moved: list[Path] = []
    try:
        for path in [*old, *folders]:
            if path.exists():
                aside.mkdir(parents=True, exist_ok=True)
                path.rename(aside / path.name)
                moved.append(path)
        yield
    except BaseException:
        for path in moved:
            if path.is_dir():
                shutil.rmtree(path)
            (aside / path.name).replace(path)
        if moved:
            aside.rmdir()
        raise


def _place(folder: Path, files: dict[str, Path]) -> None:
    for name, path in files.items():
        if (folder / name).is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(path)


def _folders(settings: Settings) -> list[Path]:
    """Those that go with the record: the index, and originals that are of this home alone."""
    urls, home = settings.urls(), settings.home.expanduser().absolute()
    index, originals = _folder_of("edge", urls.index), _folder_of("folder", urls.originals)
    own = originals if originals and originals.absolute().parent == home else None
    return [path for path in (index, own) if path]


def _folder_of(scheme: str, url: str) -> Path | None:
    given, _, path = url.partition(":")
    return Path(path) if given == scheme else None


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if archive.comment not in {MIMETYPE, BEFORE} or len(set(names)) != len(names):
                raise _damaged("it is no backup of a home, or of another version")
            if not {*names} - {*packed.members(archive)} <= {*FILES, MANIFEST}:
                raise _damaged("it holds other files than a backup does")
            yield archive
    except BadZipFile as error:
        other = "`promptuary index restore` reads copies of an index"
        raise _damaged(f"{error}: it is no backup, or was cut or changed; {other}") from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
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
