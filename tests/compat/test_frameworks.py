"""Adapters for frameworks, in the frameworks themselves."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from promptuary import Embeddings
from promptuary.domain.errors import SpaceMismatch

TEXTS = ["refund my order", "the weather in Paris", "translate bread into French"]
QUERY = "I want my money back for my order"

# What the frameworks warn of in their own code is theirs.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    with Embeddings.open("static") as embeddings:
        return embeddings.embed(TEXTS)


def test_langchain_finds_the_nearest_in_its_own_store(expected: np.ndarray) -> None:
    with warnings.catch_warnings(action="ignore"):
        from langchain_core.vectorstores import InMemoryVectorStore

        from promptuary.compat.langchain import PromptuaryEmbeddings
    embeddings = PromptuaryEmbeddings("static")
    np.testing.assert_allclose(embeddings.embed_documents(TEXTS), expected, atol=1e-6)
    store = InMemoryVectorStore.from_texts(TEXTS, embeddings)
    assert store.similarity_search(QUERY, k=1)[0].page_content == TEXTS[0]


@pytest.mark.anyio
async def test_langchain_waits_for_nobody(expected: np.ndarray) -> None:
    from promptuary.compat.langchain import PromptuaryEmbeddings

    embeddings = PromptuaryEmbeddings("static")
    np.testing.assert_allclose(await embeddings.aembed_documents(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(await embeddings.aembed_query(TEXTS[0]), expected[0], atol=1e-6)


@pytest.mark.slow
def test_llama_index_finds_the_nearest_in_its_own_index(expected: np.ndarray) -> None:
    with warnings.catch_warnings(action="ignore"):
        from llama_index.core import Document, VectorStoreIndex

        from promptuary.compat.llama_index import PromptuaryEmbedding
    embedding = PromptuaryEmbedding("static")
    np.testing.assert_allclose(embedding.get_text_embedding_batch(TEXTS), expected, atol=1e-6)
    documents = [Document(text=text) for text in TEXTS]
    index = VectorStoreIndex.from_documents(documents, embed_model=embedding, transformations=[])
    (found,) = index.as_retriever(similarity_top_k=1).retrieve(QUERY)
    assert found.text == TEXTS[0]


@pytest.mark.slow
def test_haystack_finds_the_nearest_in_its_own_pipeline(expected: np.ndarray) -> None:
    with warnings.catch_warnings(action="ignore"):
        from haystack import Document, Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        from promptuary.compat.haystack import PromptuaryDocumentEmbedder, PromptuaryTextEmbedder
    given = [Document(content=text) for text in TEXTS]
    documents = PromptuaryDocumentEmbedder("static").run(given)["documents"]
    np.testing.assert_allclose([each.embedding for each in documents], expected, atol=1e-6)
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(documents)
    pipeline = Pipeline()
    pipeline.add_component("embed", PromptuaryTextEmbedder("static"))
    pipeline.add_component("find", InMemoryEmbeddingRetriever(store, top_k=1))
    pipeline.connect("embed.embedding", "find.query_embedding")
    (found,) = pipeline.run({"embed": {"text": QUERY}})["find"]["documents"]
    assert found.content == TEXTS[0]


@pytest.mark.slow
def test_chroma_finds_the_nearest_and_keeps_the_space() -> None:
    with warnings.catch_warnings(action="ignore"):
        import chromadb
        from chromadb.config import Settings

        from promptuary.compat.chroma import PromptuaryEmbeddingFunction
    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    function = PromptuaryEmbeddingFunction("static")
    collection = client.create_collection("texts", embedding_function=function)
    collection.add(ids=["0", "1", "2"], documents=TEXTS)
    assert collection.query(query_texts=[QUERY], n_results=1)["ids"] == [["0"]]
    again = PromptuaryEmbeddingFunction.build_from_config(function.get_config())
    assert again.get_config() == function.get_config()
    with pytest.raises(SpaceMismatch, match="another space"):
        PromptuaryEmbeddingFunction.build_from_config({"spec": "static", "fingerprint": "other"})
