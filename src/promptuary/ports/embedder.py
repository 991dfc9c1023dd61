"""Text in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from promptuary.domain.vectors import Space, Vectors

Purpose: TypeAlias = Literal["query", "document"]


class Embedder(Protocol):
    """A model behind one method. Safe to call from several tasks at once."""

    @property
    def space(self) -> Space:
        """The space its vectors live in; constant for the life of the embedder."""
        ...

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """One row per text, in order, float32, of length one; no NaN for any text.

        An empty list gives shape (0, dimensions). A text in which the model knows nothing (empty,
        white space) gives a zero row. Raises Unavailable when a remote model cannot be reached.
        """
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
