"""`sentence-transformers:NAME` or `:FOLDER` a model that sentence-transformers runs, with torch.

For families that the encoder here does not read. Nothing is fetched: the model has to be on disk.
"""

from __future__ import annotations

from typing import Any

from promptuary.adapters.embedders._library import LibraryEmbedder, Run, named
from promptuary.domain.errors import Misconfigured, ModelMissing
from promptuary.ports.embedder import Purpose


def connect(url: str) -> LibraryEmbedder:
    """Raises Misconfigured where the library is not installed, ModelMissing for a model that is not
    on this machine or that the library cannot load."""
    model = named(url)
    try:
        from sentence_transformers import (  # noqa: PLC0415 - torch takes seconds
            SentenceTransformer,
        )
    except ImportError as error:
        raise Misconfigured(
            "sentence-transformers: needs: pip install sentence-transformers"
        ) from error
    try:
        opened = SentenceTransformer(model, device="cpu", local_files_only=True)
    except Exception as error:
        raise ModelMissing(f"sentence-transformers cannot load {model}: {error}") from error
    return LibraryEmbedder("sentence-transformers", model, _running(opened), invariant=True)


def _running(model: Any) -> Run:  # noqa: ANN401 - the library need not be installed
    prompts = getattr(model, "prompts", None) or {}

    def run(texts: list[str], purpose: Purpose) -> object:
        name = purpose if prompts.get(purpose) else None
        return model.encode(
            texts, prompt_name=name, show_progress_bar=False, normalize_embeddings=True
        )

    return run
