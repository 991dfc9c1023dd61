"""The part of the record that holds what people decided about refused prompts; what
`ports/unit_of_work.py` says holds here too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt
from promptuary.domain.reviews import Review


class Reviews(Protocol):
    """Every decision there was: nothing is ever taken out."""

    async def decide(self, review: Review) -> None:
        """Note a decision about a refused prompt; a release makes its status `safe`.

        Raises NotFound for a prompt that there is not in that collection; Conflict for one that is
        not refused, and for a review whose id exists.
        """
        ...

    async def released(self, prompt_ids: Sequence[str]) -> set[str]:
        """Those of these prompts that somebody released."""
        ...

    async def open(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Prompt]:
        """Refused prompts that nobody has decided about, in the order of `Prompts.list`."""
        ...

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Review]:
        """The last made first."""
        ...
