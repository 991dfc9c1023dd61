"""`folder:PATH` a folder of this machine, or one that it has mounted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from anyio import to_thread

from promptuary.domain.blobs import checked_name
from promptuary.domain.errors import NO_ROOM, Misconfigured, NotFound, StorageFull, Unavailable

DRAFT = ".draft-"
"""Names of files that are being written begin so; no blob's does."""


def connect(url: str) -> FolderBlobStore:
    """The folder is made when the first file is kept. Raises Misconfigured without a path."""
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise Misconfigured("folder: names no folder; write folder:PATH")
    return FolderBlobStore(Path(path).expanduser())


class FolderBlobStore:
    """The port `BlobStore`: each name is the path of a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, name: str, source: Path) -> None:
        """As the port says; on the disk when it returns."""
        await to_thread.run_sync(_put, self._path(name), source)

    async def fetch(self, name: str, target: Path) -> None:
        """As the port says."""
        await to_thread.run_sync(_fetch, name, self._path(name), target)

    async def size(self, name: str) -> int:
        """As the port says."""
        path = self._path(name)
        return await to_thread.run_sync(lambda: _found(name, path).stat().st_size)

    async def remove(self, names: Sequence[str]) -> None:
        """As the port says."""
        paths = [self._path(name) for name in names]
        await to_thread.run_sync(_remove, paths)

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> list[str]:
        """As the port says."""
        names = await to_thread.run_sync(lambda: sorted(_names(self._root)))
        return [name for name in names if name.startswith(prefix) and name > after][:limit]

    async def aclose(self) -> None:
        """Nothing is held."""

    def _path(self, name: str) -> Path:
        return self._root / checked_name(name)


def _put(path: Path, source: Path) -> None:
    with _named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _copied(source, path)


def _fetch(name: str, path: Path, target: Path) -> None:
    _found(name, path)
    with _named(target):
        _copied(path, target)


def _copied(source: Path, target: Path) -> None:
    """The whole of it beside the target first, and then in its place."""
    with NamedTemporaryFile(dir=target.parent, prefix=DRAFT, delete=False) as draft:
        try:
            with source.open("rb") as file:
                shutil.copyfileobj(file, draft, 1024 * 1024)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise


def _found(name: str, path: Path) -> Path:
    if not path.is_file():
        raise NotFound("blob", name)
    return path


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError), _named(path):
            path.unlink()


def _names(root: Path) -> Iterator[str]:
    for folder, _, files in os.walk(root):
        for file in files:
            if not file.startswith(DRAFT):
                yield Path(folder, file).relative_to(root).as_posix()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        full = error.errno in NO_ROOM
        kind = StorageFull if full else Unavailable
        raise kind(f"{path} cannot be written: {error.strerror or error}") from error
