"""`folder:PATH` recordings in a folder of this machine, or one that it has mounted.

An event's `clip` is a path in the folder; without one, or where nothing is there, the recording is
`ID.mp4`. A picture of it has the same name and ends with `.jpg`, `.webp` or `.png`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from errno import ENAMETOOLONG
from pathlib import Path

import anyio
from anyio import to_thread

from promptuary.domain.clips import KINDS, PICTURES, ClipPart, Footage, Recording, in_folder
from promptuary.domain.errors import Misconfigured, NotFound, Unavailable
from promptuary.domain.events import Event

PIECE = 256 * 1024


def connect(url: str) -> FolderClipStore:
    """Raises Misconfigured without a path; the folder may come later."""
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise Misconfigured("folder: names no folder; write folder:PATH")
    return FolderClipStore(Path(path).expanduser())


class FolderClipStore:
    """The port `ClipStore`: files, which we serve ourselves."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def find(
        self,
        events: Sequence[Event],
        lifetime: timedelta,  # noqa: ARG002 - the port asks for it
        *,
        thumbnails: bool = False,  # noqa: ARG002 - the port asks for it
    ) -> list[Recording | None]:
        """As the port says; `lifetime` is that of our own links."""
        return await to_thread.run_sync(_find, self._root, events)

    @asynccontextmanager
    async def read(
        self, event: Event, part: ClipPart = "clip", *, first: int = 0, last: int | None = None
    ) -> AsyncIterator[Footage]:
        """As the port says; a beginning behind the end gives the whole."""
        path = await to_thread.run_sync(_path, self._root, event, part)
        if path is None:
            raise NotFound(part, event.id)
        try:
            async with await anyio.open_file(path, "rb") as file:
                total = (await anyio.Path(path).stat()).st_size
                if first >= total or (last is not None and last < first):
                    first, last = 0, None
                end = total - 1 if last is None else min(last, total - 1)
                await file.seek(first)
                chunks = _chunks(file, end + 1 - first)
                yield Footage(KINDS[_ending(path)], chunks, total, first, end)
        except OSError as error:
            raise Unavailable(f"{path.name} cannot be read: {error.strerror or error}") from error

    async def aclose(self) -> None:
        """Nothing is held."""


def _find(root: Path, events: Sequence[Event]) -> list[Recording | None]:
    return [_recording(root, each) for each in events]


def _recording(root: Path, event: Event) -> Recording | None:
    path = _path(root, event, "clip")
    if path is None:
        return None
    pictured = _path(root, event, "thumbnail") is not None
    size, kind = path.stat().st_size, KINDS[_ending(path)]
    return Recording(event.id, thumbnail=pictured, bytes=size, kind=kind)


def _path(root: Path, event: Event, part: ClipPart) -> Path | None:
    """The file, if there is one inside the folder, links in it followed."""
    inside = root.resolve()
    for name in (event.clip, f"{event.id}.mp4"):
        parts = in_folder(name)
        if parts is None or _ending(Path(parts[-1])) in PICTURES:
            continue
        for path in _candidates(root.joinpath(*parts), part):
            real = path.resolve()
            if real.is_relative_to(inside) and _is_file(real) and _ending(real) in KINDS:
                return real
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            return False
        raise Unavailable(f"{path.name} cannot be read: {error.strerror or error}") from error


def _candidates(path: Path, part: ClipPart) -> Iterator[Path]:
    if part == "clip":
        yield path
    else:
        yield from (path.with_suffix(f".{each}") for each in PICTURES)


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


async def _chunks(file: anyio.AsyncFile[bytes], left: int) -> AsyncIterator[bytes]:
    while left > 0 and (piece := await file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece
