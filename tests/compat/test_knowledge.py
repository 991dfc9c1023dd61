"""The stores of the older question service, as a program of its time uses them."""

from __future__ import annotations

import pytest

from promptuary.compat.knowledge import (
    ChromaDBVectorStore,
    OpenSearchVectorStore,
    QueryCache,
    VectorStore,
    get_vector_store,
)
from promptuary.domain.errors import InvalidInput, Misconfigured, SpaceMismatch
from promptuary.models import Embeddings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
DOCUMENTS = [
    {"text": "Parcels are kept for ten days.", "metadata": {"source": "parcels.md", "page": 1}},
    {"text": "Tents are lent for two weeks.", "metadata": {"source": "tents.md", "page": None}},
]


@pytest.fixture
async def store():
    opened = VectorStore("memory:")
    yield opened
    await opened.aclose()


def vector(text):
    with Embeddings.open("static:") as embeddings:
        return [float(each) for each in embeddings.embed(text, role="query")]


async def test_documents_are_found_by_their_vectors_with_their_metadata(store):
    await store.add_documents(DOCUMENTS)
    first, second = await store.search(vector("How long are parcels kept?"), k=5)
    assert (first["text"], first["metadata"]) == (DOCUMENTS[0]["text"], DOCUMENTS[0]["metadata"])
    assert second["metadata"] == {"source": "tents.md"}
    assert 0 <= first["distance"] < second["distance"]
    (only,) = await store.search(vector("parcels"), k=5, filters={"source": "tents.md"})
    assert only["text"] == DOCUMENTS[1]["text"]


async def test_the_same_document_again_changes_nothing_and_one_of_an_id_is_replaced(store):
    await store.add_documents(DOCUMENTS)
    await store.add_documents(DOCUMENTS)
    await store.add_documents([{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}])
    await store.add_documents([{"id": "a", "text": "Another."}])
    assert (await store.health_check()) == {"status": "healthy", "documents": 4, "details": ""}


async def test_a_document_may_bring_its_own_vector(store):
    own = vector("a harbour at night")
    await store.add_documents([{"text": "x", "embedding": [3 * each for each in own]}, *DOCUMENTS])
    (best,) = await store.search(own, k=1)
    assert (best["text"], round(best["distance"], 3)) == ("x", 0.0)


async def test_what_is_no_document_is_refused_and_nothing_is_kept(store):
    with pytest.raises(InvalidInput):
        await store.add_documents([*DOCUMENTS, {"metadata": {}}])
    with pytest.raises(SpaceMismatch):
        await store.add_documents([*DOCUMENTS, {"text": "x", "embedding": [1.0, 2.0]}])
    with pytest.raises(SpaceMismatch):
        await store.search([1.0, 2.0])
    assert (await store.health_check())["documents"] == 0


async def test_the_store_is_one_for_the_process_and_a_name_nobody_opens_is_told(monkeypatch):
    get_vector_store.cache_clear()
    monkeypatch.setenv("VECTOR_STORE", "memory")
    assert get_vector_store() is get_vector_store()
    get_vector_store.cache_clear()
    monkeypatch.setenv("VECTOR_STORE", "nobody")
    assert (await get_vector_store().health_check())["status"] == "unhealthy"
    with pytest.raises(Misconfigured):
        await get_vector_store().add_documents(DOCUMENTS)
    get_vector_store.cache_clear()


async def test_the_store_lies_beside_the_index_that_the_environment_names(monkeypatch, tmp_path):
    get_vector_store.cache_clear()
    monkeypatch.setenv("VECTOR_STORE", "opensearch")
    monkeypatch.setenv("OPENSEARCH_ENDPOINT", "http://localhost:9")
    assert get_vector_store()._url == "opensearch://localhost:9/vectors"
    get_vector_store.cache_clear()
    monkeypatch.setenv("VECTOR_STORE", "chromadb")
    monkeypatch.setenv("CHROMA_DB_PATH", str(tmp_path))
    assert get_vector_store()._url == f"chroma:{tmp_path}/vectors"
    get_vector_store.cache_clear()


def test_older_names_of_stores_open_the_same_index(monkeypatch, tmp_path):
    there = OpenSearchVectorStore("http://localhost:9")
    assert there._url == "opensearch://localhost:9/vectors"
    signed = OpenSearchVectorStore("x.es.amazonaws.com", "eu-west-1")
    assert signed._url == (
        "opensearch+https://x.es.amazonaws.com:443/vectors?sigv4=es&region=eu-west-1"
    )
    assert ChromaDBVectorStore(str(tmp_path))._url == f"chroma:{tmp_path}/vectors"
    assert ChromaDBVectorStore()._url == "chroma:./chroma_db/vectors"
    monkeypatch.setenv("VECTOR_STORE", "chromadb")
    monkeypatch.setenv("CHROMA_DB_PATH", "/elsewhere")
    assert ChromaDBVectorStore()._url == "chroma:/elsewhere/vectors"


def test_a_result_is_kept_as_long_as_the_environment_says(monkeypatch):
    monkeypatch.setenv("CACHE_TTL_SECONDS", "0")
    cache = QueryCache("memory:")
    cache.set("h1", {"answer": "ten days"})
    assert cache.get("h1") is None
    cache.close()


def test_results_are_kept_until_a_collection_changes():
    cache = QueryCache("memory:")
    assert cache.get("h1") is None
    cache.set("h1", {"answer": "ten days"}, ttl=60)
    assert cache.get("h1") == {"answer": "ten days"}
    cache.clear()
    assert cache.get("h1") is None
    with pytest.raises(InvalidInput):
        cache.set("h1", {"answer": object()})
    cache.close()
    cache.close()
