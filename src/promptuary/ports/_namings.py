"""The part of the record that holds what chat models called things; what `ports/unit_of_work.py`
says holds here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from promptuary.domain.namings import Naming
from promptuary.domain.pages import Page


class Namings(Protocol):
    """Everything that was asked and said, refused words too: nothing is ever taken out."""

    async def add(self, made: Sequence[Naming]) -> None:
        """In this order. Raises Conflict for an id that exists."""
        ...

    async def of(self, own_ids: Sequence[str]) -> Mapping[str, Naming]:
        """The last naming of each of these clusters and families that was taken."""
        ...

    async def asked(self, digests: Sequence[str]) -> Mapping[str, Naming]:
        """By what was asked, the last naming that there is, refused or not."""
        ...

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Naming]:
        """The last made first."""
        ...
