"""Chroma's `EmbeddingFunction` over ours."""

from __future__ import annotations

from typing import Any

from chromadb import Documents, EmbeddingFunction
from chromadb import Embeddings as ChromaEmbeddings

from promptuary.domain.errors import SpaceMismatch
from promptuary.models import Embeddings


class PromptuaryEmbeddingFunction(EmbeddingFunction[Documents]):
    """Takes a spec as `Embeddings.open` does. The space is kept in the collection's configuration;
    a collection that was made in another one is refused with SpaceMismatch."""

    def __init__(self, spec: str = "auto") -> None:
        self._spec = spec
        self._inner = Embeddings.open(spec)

    def __call__(self, input: Documents) -> ChromaEmbeddings:
        """A row per document."""
        return list(self._inner.embed(list(input)))

    @staticmethod
    def name() -> str:
        """By which Chroma finds it again."""
        return "promptuary"

    def default_space(self) -> Any:  # noqa: ANN401 - the library's own literal
        """Rows are of length one: cosine."""
        return "cosine"

    def get_config(self) -> dict[str, Any]:
        """What Chroma keeps beside the collection."""
        return {"spec": self._spec, "fingerprint": self._inner.space.fingerprint}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> PromptuaryEmbeddingFunction:
        """Open it again. Raises SpaceMismatch when the spec now leads to another space."""
        opened = PromptuaryEmbeddingFunction(str(config["spec"]))
        if opened.get_config()["fingerprint"] != config["fingerprint"]:
            raise SpaceMismatch(
                f"{config['spec']} is another space now than when the collection was made: "
                "open the model it was made with, or make a new collection and add the texts again"
            )
        return opened
