"""`elasticsearch://HOST:9200/INDEX` an index on Elasticsearch, 8.15 or newer.

Extra: `remote`. Let in by user and password in the URL or in `ELASTICSEARCH_USERNAME` and
`ELASTICSEARCH_PASSWORD`, or by `ELASTICSEARCH_API_KEY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptuary.adapters.indexes._lucene.addresses import address_of
from promptuary.adapters.indexes._lucene.dialect import Json, Nearest
from promptuary.adapters.indexes._lucene.documents import MEANING
from promptuary.adapters.indexes._lucene.index import LuceneIndex
from promptuary.adapters.indexes._lucene.opening import open_on
from promptuary.adapters.indexes._lucene.wire import Engine
from promptuary.adapters.indexes._lucene.words import WORDS
from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Space

OLDEST = (8, 15)
WALKS_BY_FILTER = (9, 1)
"""From here on a filter guides the walk of a graph by itself (ACORN-1, arXiv:2403.04871)."""


async def connect(url: str, *, space: Space) -> LuceneIndex:
    """Open the index, or make it. Raises Misconfigured, SpaceMismatch, Unavailable."""
    engine = Engine(address_of(url, prefix="ELASTICSEARCH"))
    try:
        await open_on(engine, Elasticsearch(), space)
    except BaseException:
        await engine.aclose()
        raise
    return LuceneIndex(engine, Elasticsearch(), space, engine.address.index)


@dataclass(frozen=True, slots=True)
class Elasticsearch:
    """How Elasticsearch says it."""

    name: str = "Elasticsearch"

    def check(self, about: Mapping[str, Any]) -> None:
        """Raises Misconfigured for another engine, or one older than OLDEST."""
        told = about.get("version", {})
        if not isinstance(told, dict) or "number" not in told or "distribution" in told:
            raise Misconfigured("what answers there is no Elasticsearch: is it opensearch:?")
        if _version(about) < OLDEST:
            raise Misconfigured(f"Elasticsearch {told['number']} is older than 8.15")

    def settings(self, about: Mapping[str, Any]) -> Json:
        """That a filtered walk of the graph compares what the filter keeps out too: by default the
        newer engines step over it, and lose their way among prompts that are nearly alike."""
        if _version(about) < WALKS_BY_FILTER:
            return {}
        return {"dense_vector.hnsw_filter_heuristic": "fanout"}

    def words(self) -> Json:
        """Features by name."""
        return {"type": "sparse_vector"}

    def meaning(self, dimensions: int, *, quantized: bool) -> Json:
        """A graph by cosine; with eight bits a number where that is wished."""
        kind = "int8_hnsw" if quantized else "hnsw"
        return {
            "type": "dense_vector",
            "dims": dimensions,
            "index": True,
            "similarity": "cosine",
            "index_options": {"type": kind, "m": 16, "ef_construction": 128},
        }

    def by_words(self, weights: Mapping[str, float]) -> Json:
        """Unpruned: the lightest words count too."""
        asked = {"field": WORDS, "query_vector": dict(weights), "prune": False}
        return {"sparse_vector": asked}

    def nearest(self, wanted: Nearest, *, quantized: bool) -> Json:
        """With as many candidates as recall takes; compared exactly where bits were spared."""
        asked: Json = {
            "field": MEANING,
            "query_vector": list(wanted.vector),
            "k": wanted.limit,
            "num_candidates": min(10_000, max(200, 4 * wanted.limit)),
            "filter": wanted.where,
        }
        if quantized:
            asked["rescore_vector"] = {"oversample": 3.0}
        return {"knn": asked}

    def compared(self, wanted: Nearest) -> Json:
        """A script over all of them."""
        script = {
            "source": f"cosineSimilarity(params.q, '{MEANING}') + 1.0",
            "params": {"q": list(wanted.vector)},
        }
        return {"script_score": {"query": wanted.where, "script": script}}


def _version(about: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(about["version"]["number"]).split(".")[:2])
