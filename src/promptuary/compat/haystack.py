"""Haystack's embedder components over ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from haystack import Document, component

from promptuary.models import Embeddings


@component
class PromptuaryTextEmbedder:
    """Embeds a query. Takes a spec as `Embeddings.open` does; raises what it raises."""

    def __init__(self, spec: str = "auto") -> None:
        self._inner = Embeddings.open(spec)

    @component.output_types(embedding=list[float])
    def run(self, text: str) -> dict[str, Any]:
        """`embedding`: the numbers of the query."""
        return {"embedding": [float(x) for x in self._inner.embed(text, role="query")]}


@component
class PromptuaryDocumentEmbedder:
    """Embeds documents by their content. Takes a spec as `Embeddings.open` does."""

    def __init__(self, spec: str = "auto") -> None:
        self._inner = Embeddings.open(spec)

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """`documents`: copies of those given, each with its numbers."""
        rows = self._inner.embed([document.content or "" for document in documents])
        filled = [
            replace(document, embedding=[float(x) for x in row])
            for document, row in zip(documents, rows, strict=True)
        ]
        return {"documents": filled}
