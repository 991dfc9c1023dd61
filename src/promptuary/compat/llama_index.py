"""LlamaIndex's `BaseEmbedding` over ours."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from promptuary.models import Embeddings


class PromptuaryEmbedding(BaseEmbedding):
    """Takes a spec as `Embeddings.open` does; raises what it raises."""

    _inner: Embeddings = PrivateAttr()

    def __init__(
        self,
        spec: str = "auto",
        **options: Any,  # noqa: ANN401 - the library's own
    ) -> None:
        super().__init__(model_name=spec, **options)
        self._inner = Embeddings.open(spec)

    @classmethod
    def class_name(cls) -> str:
        """By which it is serialised."""
        return "PromptuaryEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(x) for x in self._inner.embed(query, role="query")]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return [float(x) for x in await self._inner.aembed(query, role="query")]

    def _get_text_embedding(self, text: str) -> list[float]:
        return [float(x) for x in self._inner.embed(text)]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self._inner.embed(texts)]
