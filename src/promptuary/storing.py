"""Files that go to a place and come from one: a path of this machine, or a URL of a blob store."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio import to_thread

from promptuary.domain.errors import NO_ROOM, InvalidInput, NotFound, StorageFull
from promptuary.plugins import open_blob_store, schemes


@asynccontextmanager
async def leaving(place: str, room: Path) -> AsyncIterator[Path]:
    """A file to be written, which then goes to that place as a whole, or not at all.

    It lies in `room` until then. Raises InvalidInput for a place that cannot be written,
    StorageFull where there is no room, and what the blob store raises.
    """
    if (url := _url(place)) is None:
        with _drafted(_path(place)) as draft:
            yield draft
        return
    with TemporaryDirectory(dir=_made(room), prefix=".leaving-") as folder:
        draft = Path(folder, "file")
        yield draft
        base, name = url
        store = await open_blob_store(base)
        try:
            await store.put(name, draft)
        finally:
            await store.aclose()


@asynccontextmanager
async def arriving(place: str, room: Path) -> AsyncIterator[Path]:
    """The file of that place, on this machine for as long as the context lasts. Raises NotFound,
    and what the blob store raises."""
    if (url := _url(place)) is None:
        path = _path(place)
        if not await to_thread.run_sync(path.is_file):
            there = await to_thread.run_sync(path.exists)
            said = f"{path} is no file" if there else f"there is no file {path}"
            raise NotFound("file", str(path), said=said)
        yield path
        return
    with TemporaryDirectory(dir=_made(room), prefix=".arriving-") as folder:
        file = Path(folder, "file")
        base, name = url
        store = await open_blob_store(base)
        try:
            await store.fetch(name, file)
        except NotFound as error:
            raise NotFound("file", place, said=f"there is no file {place}") from error
        finally:
            await store.aclose()
        yield file


def _url(place: str) -> tuple[str, str] | None:
    """The store and the name in it; None for a path."""
    scheme, colon, rest = place.partition(":")
    if not colon or scheme not in schemes("blob_stores"):
        return None
    rest, mark, query = rest.partition("?")
    base, _, name = rest.rpartition("/")
    if not name or base in {"", "/", "//"}:
        raise InvalidInput(f"{place} names no file: end it with a name", fields={"place": place})
    return f"{scheme}:{base}{mark}{query}", name


def _path(place: str) -> Path:
    return Path(place).expanduser()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _drafted(target: Path) -> Iterator[Path]:
    """A file beside the target, which takes its place when all went well."""
    if not target.name or target.is_dir():
        said = f"{target} is a folder: name a file in it"
        raise InvalidInput(said, fields={"place": str(target)})
    if not target.parent.is_dir():
        said = f"{target} cannot be written: there is no folder {target.parent}"
        raise InvalidInput(said, fields={"place": str(target)})
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise _explained(target, error) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _explained(target: Path, error: OSError) -> Exception:
    if error.errno in NO_ROOM:
        return StorageFull(f"the disk is full; {target} was not written")
    return InvalidInput(f"{target} cannot be written: {error.strerror or error}")
