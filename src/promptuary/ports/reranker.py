"""How well each of a few texts answers a question, read together with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """A second look at what was found. Safe to call from several tasks at once."""

    @property
    def name(self) -> str:
        """What reasons call it; holds no key."""
        ...

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """One finite number a text, in order: the higher, the better it answers the query.

        The scale is the reranker's own, and only numbers of one call may be compared. No text is
        too odd or too long to get one: of what a model cannot take, the beginning counts. An empty
        list gives an empty list. Raises Unavailable when a remote model cannot be reached.
        """
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
