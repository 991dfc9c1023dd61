"""A fake mirror, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from promptuary.domain.errors import Unavailable
from promptuary.domain.mirrors import Centre, MirroredPrompt
from promptuary.domain.vectors import Vectors


class MemoryMirror:
    """The port `Mirror`; `away` makes it Unavailable."""

    def __init__(self) -> None:
        self.prompts: dict[str, MirroredPrompt] = {}
        self.centres: dict[str, Vectors] = {}
        self.batches: dict[str, tuple[int, datetime]] = {}
        self.away = False

    async def show(self, prompts: Sequence[MirroredPrompt], centres: Sequence[Centre]) -> None:
        """As the port says."""
        if self.away:
            raise Unavailable("the fake mirror is away")
        self.prompts.update({each.id: each for each in prompts})
        self.centres.update({each.lineage_id: each.vector for each in centres})

    async def passed(self, batch_id: str, position: int, at: datetime) -> None:
        """As the port says."""
        if self.away:
            raise Unavailable("the fake mirror is away")
        self.batches[batch_id] = position, at

    async def aclose(self) -> None:
        """Nothing is held."""
