"""LangChain's `Embeddings` over ours."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings as LangChainEmbeddings

from promptuary.models import Embeddings


class PromptuaryEmbeddings(LangChainEmbeddings):
    """Takes a spec as `Embeddings.open` does; raises what it raises."""

    def __init__(self, spec: str = "auto") -> None:
        self._inner = Embeddings.open(spec)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A list of numbers per text."""
        return [[float(x) for x in row] for row in self._inner.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The numbers of a query."""
        return [float(x) for x in self._inner.embed(text, role="query")]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """`embed_documents` for an event loop."""
        return [[float(x) for x in row] for row in await self._inner.aembed(texts)]

    async def aembed_query(self, text: str) -> list[float]:
        """`embed_query` for an event loop."""
        return [float(x) for x in await self._inner.aembed(text, role="query")]
