"""Fakes of libraries that run models: their faces, over word vectors that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import anyio
import numpy as np

from promptuary.testing.fakes.embedder import FakeEmbedder


def rows(texts: list[str]) -> np.ndarray:
    """As a model would, and of no length in particular."""
    return anyio.run(FakeEmbedder().embed, texts) * np.float32(3)


class FakeSentenceTransformer:
    """`SentenceTransformer(NAME, ...)`; knows the model `small`."""

    prompts = {"query": "query: ", "document": ""}  # noqa: RUF012 - as the library has it

    def __init__(self, name: str, *, device: str, local_files_only: bool) -> None:
        if name != "small" or not local_files_only:
            raise OSError(f"{name} is not here")
        self.asked: list[str | None] = []

    def encode(
        self,
        texts: list[str],
        *,
        prompt_name: str | None,
        show_progress_bar: bool,
        normalize_embeddings: bool,
    ) -> np.ndarray:
        self.asked.append(prompt_name)
        return rows(texts)


class FakeTextEmbedding:
    """`TextEmbedding(NAME, ...)`; knows the model `small`."""

    def __init__(self, name: str, *, local_files_only: bool) -> None:
        if name != "small" or not local_files_only:
            raise ValueError(f"{name} is not supported")

    def embed(self, texts: list[str]) -> Iterator[np.ndarray]:
        yield from rows(texts)

    query_embed = passage_embed = embed


def sentence_transformers() -> ModuleType:
    """The library's module."""
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = FakeSentenceTransformer
    return module


def fastembed() -> ModuleType:
    """The library's module."""
    module = ModuleType("fastembed")
    module.TextEmbedding = FakeTextEmbedding
    return module
