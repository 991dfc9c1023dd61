"""The part of the record that holds what people corrected; what `ports/unit_of_work.py` says holds
here too."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from promptuary.domain.corrections import Correction
from promptuary.domain.pages import Page


class Corrections(Protocol):
    """Every correction, undone ones too: nothing is ever taken out."""

    async def add(self, correction: Correction) -> None:
        """Raises Conflict when the id exists."""
        ...

    async def get(self, correction_id: str) -> Correction:
        """Raises NotFound."""
        ...

    async def undo(self, correction_id: str, by: str, at: datetime) -> None:
        """Note that it stands no more. Raises NotFound, and Conflict for one that was undone."""
        ...

    async def standing(self, collection: str) -> list[Correction]:
        """Those of the collection of that name that were not undone, in the order they were
        made."""
        ...

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """The last made first, undone ones too."""
        ...
