"""Names of the older question service, for programs that used its stores directly.

    from promptuary.compat.knowledge import QueryCache, get_vector_store

`OpenSearchVectorStore` and `ChromaDBVectorStore` name the store themselves. Behind `VectorStore`
stands an index of ours, behind `QueryCache` a cache.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import cache as once
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import uuid4

import anyio
import numpy as np
from anyio.from_thread import start_blocking_portal

from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.domain.filters import AllOf, Eq, Scalar
from promptuary.domain.found import Entry
from promptuary.models import Embeddings
from promptuary.plugins import open_cache, open_index
from promptuary.ports.cache import Cache
from promptuary.ports.index import Index
from promptuary.settings import Settings
from promptuary.settings.composing import composed

Row = dict[str, Any]
"""A document or hit as those programs have it: `text`, `metadata` with a `source`."""

_SCHEMES: Mapping[str, str] = {"chromadb": "chroma", "": "edge"}
_FOLDERS = frozenset({"edge"})
"""Indexes that lie in a folder."""
_GENERATION = "query:generation"


class VectorStore:
    """Documents found by their vectors, in the index behind that URL.

    A document is a dict with `text`, and if need be `id`, `metadata` and its own `embedding`;
    without that it is embedded by the model that `embedder` names. The same id again replaces it;
    without one, the same text of the same source does.
    """

    def __init__(self, url: str, *, embedder: str = "static:") -> None:
        self._url = url
        self._embeddings = Embeddings.open(embedder)
        self._index: Index | None = None
        self._opening = anyio.Lock()

    async def add_documents(self, documents: list[Row]) -> None:
        """All of them, or none. Raises InvalidInput for what is no document, SpaceMismatch for an
        embedding of another length."""
        texts = [_text(each) for each in documents]
        own = iter(await self._embeddings.aembed([t for t, d in _alone(texts, documents)]))
        vectors = [each.get("embedding") for each in documents]
        rows = [_unit(given if given is not None else next(own)) for given in vectors]
        entries = [_entry(*each) for each in zip(documents, texts, rows, strict=True)]
        await (await self._opened()).put(entries)

    async def search(
        self, query_vector: Sequence[float], k: int = 5, filters: Row | None = None
    ) -> list[Row]:
        """The `k` nearest documents whose metadata are as `filters` say, best first.

        A hit is the document with its `distance`, 0 for the same direction. Raises SpaceMismatch
        for a vector of another length.
        """
        where = AllOf(tuple(Eq(name, value) for name, value in (filters or {}).items()))
        index = await self._opened()
        query = _unit(query_vector)[np.newaxis, :]
        (hits,) = await index.search_vectors(query, limit=k, where=where)
        scores = {hit.id: hit.score for hit in hits}
        found = await index.get([hit.id for hit in hits])
        return [
            {
                "id": each.id,
                "text": each.texts["text"],
                "metadata": dict(each.payload),
                "distance": max(0.0, 1.0 - scores[each.id]),
            }
            for each in found
        ]

    async def health_check(self) -> Row:
        """`status` (`healthy` or `unhealthy`), `documents` (how many), `details`. Never raises."""
        try:
            health = await (await self._opened()).health()
        except PromptuaryError as error:
            return {"status": "unhealthy", "documents": 0, "details": f"{error} [{error.code}]"}
        status = "healthy" if health.state == "ok" else "unhealthy"
        return {"status": status, "documents": health.entries, "details": health.detail}

    async def aclose(self) -> None:
        """Release the index; the next call opens it again."""
        async with self._opening:
            index, self._index = self._index, None
        if index is not None:
            await index.aclose()

    async def _opened(self) -> Index:
        async with self._opening:
            if self._index is None:
                self._index = await open_index(self._url, space=self._embeddings.space)
            return self._index


@once
def get_vector_store() -> VectorStore:
    """The store that the settings name (`VECTOR_STORE`), the same for the whole process; without a
    name, an index in the home. Raises Misconfigured from its first call where nothing opens it."""
    settings = Settings()
    scheme = _SCHEMES.get(settings.vector_store, settings.vector_store)
    return VectorStore(_place(scheme, settings), embedder=settings.embedder)


def OpenSearchVectorStore(  # noqa: N802 - what older programs call
    endpoint: str, region: str = ""
) -> VectorStore:
    """The index `vectors` on that server, by TLS unless it says `http://`; one of Amazon's is asked
    with a signature for that region, else for the one that the environment names. Raises
    Misconfigured from its first call where nothing opens it."""
    url = _beside(composed("index_url", {"store": "opensearch", "opensearch": endpoint}))
    signed = region and "sigv4=" in url
    return VectorStore(f"{url}&region={region}" if signed else url, embedder=Settings().embedder)


def ChromaDBVectorStore(path: str = "") -> VectorStore:  # noqa: N802 - what older programs call
    """The folder `vectors` in that folder, else in `CHROMA_DB_PATH` or `./chroma_db`."""
    parts = {"store": "chromadb", **({"chroma": path} if path else {})}
    index = Settings().urls().index
    named = index if not path and index.startswith("chroma:") else composed("index_url", parts)
    return VectorStore(_beside(named), embedder=Settings().embedder)


def _place(scheme: str, settings: Settings) -> str:
    """An index of its own: beside that of the settings where that is of this kind."""
    index = settings.urls().index
    if scheme in _FOLDERS:
        return f"{scheme}:{settings.home.expanduser().absolute()}/vectors"
    if index.partition(":")[0].partition("+")[0] != scheme:
        return f"{scheme}:"
    return _beside(index)


def _beside(index: str) -> str:
    """The index `vectors` where that one is."""
    path, mark, options = index.partition("?")
    above = path.rpartition("/")[0] if "//" in path else path
    return f"{above}/vectors{mark}{options}"


class QueryCache:
    """Results of questions by a hash of theirs, in the cache behind that URL (else the settings').

    Safe to use from several threads. Call `clear` when a collection changes: what was kept before
    is then never found again.
    """

    def __init__(self, url: str | None = None) -> None:
        self._closed = False
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal())
        settings = Settings()
        self._seconds = settings.refine_cache_seconds
        where = url or settings.urls().cache
        self._cache: Cache = self._portal.call(partial(open_cache, where))

    def get(self, query_hash: str) -> Row | None:
        """What was kept, or None; Unavailable is raised where the cache is away."""
        (found,) = self._portal.call(partial(self._got, query_hash))
        kept = json.loads(found) if found is not None else None
        return kept if isinstance(kept, dict) else None

    def set(self, query_hash: str, result: Row, ttl: int | None = None) -> None:
        """Keep it for so many seconds, else those of the settings. Raises InvalidInput for what is
        not JSON."""
        try:
            body = json.dumps(result).encode()
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"a result must be JSON: {error}") from error
        seconds = self._seconds if ttl is None else ttl
        self._portal.call(partial(self._kept, query_hash, body, timedelta(seconds=seconds)))

    def clear(self) -> None:
        """Forget all that was kept."""
        self._portal.call(self._begun_anew)

    def close(self) -> None:
        """Release the cache; closing twice is harmless."""
        if not self._closed:
            self._closed = True
            with self._stack:
                self._portal.call(self._cache.aclose)

    async def _got(self, query_hash: str) -> list[bytes | None]:
        return await self._cache.get_many([await self._key(query_hash)])

    async def _kept(self, query_hash: str, body: bytes, ttl: timedelta) -> None:
        await self._cache.set_many({await self._key(query_hash): body}, ttl=ttl)

    async def _key(self, query_hash: str) -> str:
        (generation,) = await self._cache.get_many([_GENERATION])
        begun = generation.decode() if generation else await self._begun_anew()
        return f"query:{begun}:{query_hash}"

    async def _begun_anew(self) -> str:
        """A name that nothing was kept under: one that went missing brings nothing old back."""
        begun = uuid4().hex
        await self._cache.set_many({_GENERATION: begun.encode()})
        return begun


def _text(document: object) -> str:
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise InvalidInput("a document is a dict with a `text`", fields={"text": "no text"})
    return text


def _alone(texts: Sequence[str], documents: Sequence[Row]) -> list[tuple[str, Row]]:
    """Those that bring no vector of their own."""
    pairs = zip(texts, documents, strict=True)
    return [(text, each) for text, each in pairs if each.get("embedding") is None]


def _entry(document: Row, text: str, vector: np.ndarray[Any, np.dtype[np.float32]]) -> Entry:
    metadata: dict[str, Scalar] = {
        str(name): value
        for name, value in (document.get("metadata") or {}).items()
        if value is not None
    }
    named = "\0".join([str(metadata.get("source", "")), text]).encode("utf-8", "surrogatepass")
    own = str(document.get("id") or sha256(named).hexdigest())
    return Entry(own, {"text": text}, metadata, vector)


def _unit(vector: object) -> np.ndarray[Any, np.dtype[np.float32]]:
    row = np.asarray(vector, dtype=np.float32)
    if row.ndim != 1:
        raise InvalidInput("a vector is one row of numbers", fields={"query_vector": "not a row"})
    length = float(np.linalg.norm(row))
    return row / np.float32(length) if length else row
