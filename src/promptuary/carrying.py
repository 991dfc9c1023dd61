"""What the face does with collections that travel; `app.Promptuary` has these as methods."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from anyio import to_thread

from promptuary.canon.following import Followers
from promptuary.domain.archives import CollectionArchive
from promptuary.domain.reports import Told, silent
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.travelling import Taken, take_in, write_out
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.settings import Settings
from promptuary.storing import arriving, leaving

KEPT = ("embedder", "chunk_size", "chunk_overlap", "min_confidence", "max_chunks")
"""Settings that an archive tells of: those that its passages and answers were made with."""


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def settings(self) -> Settings:
        """What is set."""
        ...

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _knowledge(self) -> Knowledge: ...

    @property
    def _clock(self) -> Clock: ...

    @property
    def _follower(self) -> Followers: ...


async def export_collection(
    self: Opened,
    to: str | Path,
    *,
    collection: str = "default",
    originals: bool = True,
    progress: Told = silent,
) -> CollectionArchive:
    """Write the documents of a collection with their passages, its calibration and, unless they are
    not wanted, the originals that are kept, into one file: a path, or a URL such as
    `s3://BUCKET/PREFIX/NAME.zip`. It is there as a whole, or not at all.

    Raises NotFound for the collection, InvalidInput for a place that cannot be written.
    """
    kept = {name: str(getattr(self.settings, name)) for name in KEPT}
    async with leaving(str(to), self.settings.home.expanduser()) as path:
        file = await to_thread.run_sync(path.open, "wb")
        with file:
            return await write_out(
                self._record,
                self._clock,
                collection,
                file,
                kept,
                originals=self._knowledge.originals if originals else None,
                told=progress,
            )


async def import_collection(
    self: Opened,
    place: str | Path,
    *,
    collection: str | None = None,
    progress: Told = silent,
) -> Taken:
    """Bring in what `export_collection` wrote, from a path or a URL, into the collection that it is
    of or another. Each source takes the place of what was there under its name.

    All of it is checked before anything is written. Raises NotFound, InvalidInput for a file that
    is damaged or no archive, TooLarge.
    """
    async with arriving(str(place), self.settings.home.expanduser()) as path:
        taken = await take_in(self._knowledge, path, collection, told=progress)
    await self._follower.catch_up(progress)
    return taken
