"""The part of the record that says where originals are kept; what `ports/unit_of_work.py` says
holds here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from promptuary.domain.documents import Original


class Originals(Protocol):
    """Which blob is the original of which source. A blob of no source is to be removed: that is
    how deletes get through though the process is killed in between."""

    async def expect(self, originals: Sequence[Original], until: datetime) -> None:
        """Note blobs that are about to be put; without a source `until` then, they are stray."""
        ...

    async def attach(self, blobs: Mapping[str, str | None], now: datetime) -> None:
        """The blob of each source, by its id, in place of what it had; None leaves it none. What a
        source had is stray from `now` on, and so is that of a source that is removed later.
        Blobs that nobody expected are ignored."""
        ...

    async def of(self, id: str) -> Original:
        """That of the source, or of the source of the document, of that id, with the name of the
        source. Raises NotFound where none is kept of what was last read."""
        ...

    async def stray(self, now: datetime, *, limit: int = 1_000) -> Sequence[str]:
        """Blobs of no source, in the order of their names."""
        ...

    async def drop(self, blobs: Sequence[str]) -> None:
        """Forget blobs that are gone; those of a source stay."""
        ...
