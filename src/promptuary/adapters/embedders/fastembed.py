"""`fastembed:NAME` a model that fastembed runs on onnxruntime.

Nothing is fetched: the model has to be in the library's cache (`FASTEMBED_CACHE_PATH`). Its models
are quantised as a rule, so that a row depends on its batch: it is never cached.
"""

from __future__ import annotations

from typing import Any

from promptuary.adapters.embedders._library import LibraryEmbedder, Run, named
from promptuary.domain.errors import Misconfigured, ModelMissing
from promptuary.ports.embedder import Purpose


def connect(url: str) -> LibraryEmbedder:
    """Raises Misconfigured where the library is not installed, ModelMissing for a model that it
    does not know or that is not on this machine."""
    model = named(url)
    try:
        from fastembed import TextEmbedding  # noqa: PLC0415 - slow to import
    except ImportError as error:
        raise Misconfigured("fastembed: needs: pip install fastembed") from error
    try:
        opened = TextEmbedding(model, local_files_only=True)
    except Exception as error:
        raise ModelMissing(f"fastembed cannot load {model}: {error}") from error
    return LibraryEmbedder("fastembed", model, _running(opened), invariant=False)


def _running(model: Any) -> Run:  # noqa: ANN401 - the library need not be installed
    def run(texts: list[str], purpose: Purpose) -> object:
        how = {"query": model.query_embed, "document": model.passage_embed}.get(purpose)
        return list((how or model.embed)(texts))

    return run
