"""Text in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from promptuary.domain.vectors import Cut, Space, TokenStates, Vectors

Purpose: TypeAlias = Literal["query", "document", "symmetric"]
"""What the text is to be compared with: documents, queries, or texts of its own kind."""


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


@runtime_checkable
class LocalEmbedder(Protocol):
    """Optional: a model that runs in this process and needs no event loop."""

    @property
    def invariant(self) -> bool:
        """Whether a text's row is the same (to 1e-5) alone and in any batch. If not, it is never
        cached."""
        ...

    def embed_now(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """What `embed` gives, computed in the calling thread. Safe to call from several threads."""
        ...


@runtime_checkable
class MeasuringEmbedder(Protocol):
    """Optional: a model that can say which texts it cuts."""

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The texts of which only the beginning becomes a vector, by their place."""
        ...


@runtime_checkable
class ContextualEmbedder(Protocol):
    """Optional: a model that reads words in their context, and shows what it makes of each."""

    def token_states(
        self, texts: Sequence[str], *, purpose: Purpose = "document"
    ) -> list[TokenStates]:
        """One for each text, in order, computed in the calling thread: its tokens in the order of
        the text, without special ones. A text that is too long for the model is read in parts that
        overlap. A text without content has no tokens. Safe to call from several threads."""
        ...


@runtime_checkable
class ForgetfulEmbedder(Protocol):
    """Optional: an embedder that remembers, and can be told to forget."""

    async def forget(self, texts: Sequence[str]) -> None:
        """Remove every trace of these texts. Raises Unavailable when a cache cannot be reached."""
        ...
