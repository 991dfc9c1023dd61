"""`opensearch://HOST:9200/INDEX` an index on OpenSearch 2.19 or newer with its k-NN plugin.

Extra: `remote`. Let in by user and password in the URL or in `OPENSEARCH_USERNAME` and
`OPENSEARCH_PASSWORD`, or on AWS by a signature (`?sigv4=es` or `aoss`, `region=NAME`).
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

OLDEST = (2, 19)


async def connect(url: str, *, space: Space) -> LuceneIndex:
    """Open the index, or make it. Raises Misconfigured, SpaceMismatch, Unavailable."""
    engine = Engine(address_of(url, prefix="OPENSEARCH"))
    try:
        await open_on(engine, OpenSearch(), space)
    except BaseException:
        await engine.aclose()
        raise
    return LuceneIndex(engine, OpenSearch(), space, engine.address.index)


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """How OpenSearch says it."""

    name: str = "OpenSearch"

    def check(self, about: Mapping[str, Any]) -> None:
        """Raises Misconfigured for another engine, or one older than OLDEST."""
        told = about.get("version", {})
        if not isinstance(told, dict) or told.get("distribution") != "opensearch":
            raise Misconfigured("what answers there is no OpenSearch: is it elasticsearch:?")
        major, minor = (int(part) for part in str(told["number"]).split(".")[:2])
        if (major, minor) < OLDEST:
            raise Misconfigured(f"OpenSearch {told['number']} is older than 2.19")

    def settings(self, _about: Mapping[str, Any]) -> Json:
        """That it has vectors."""
        return {"knn": True}

    def words(self) -> Json:
        """Features by name."""
        return {"type": "rank_features"}

    def meaning(self, dimensions: int, *, quantized: bool) -> Json:
        """A graph of Lucene's by cosine: the engine's other libraries may be missing. With seven
        bits a number where fewer are wished, as its scalar quantiser has it."""
        parameters: Json = {"m": 16, "ef_construction": 128}
        if quantized:
            parameters["encoder"] = {"name": "sq", "parameters": {"bits": 7}}
        method = {"name": "hnsw", "engine": "lucene", "parameters": parameters}
        return {
            "type": "knn_vector",
            "dimension": dimensions,
            "space_type": "cosinesimil",
            "method": method,
        }

    def by_words(self, weights: Mapping[str, float]) -> Json:
        """One clause a feature."""
        linear = [
            {"rank_feature": {"field": f"{WORDS}.{name}", "linear": {}, "boost": weight}}
            for name, weight in weights.items()
        ]
        return {"bool": {"should": linear, "minimum_should_match": 1}}

    def nearest(self, wanted: Nearest, *, quantized: bool) -> Json:
        """With as many candidates as recall takes."""
        asked: Json = {
            "vector": list(wanted.vector),
            "k": wanted.limit,
            "filter": wanted.where,
            "method_parameters": {"ef_search": min(10_000, max(200, 4 * wanted.limit))},
        }
        if quantized:
            asked["rescore"] = {"oversample_factor": 3.0}
        return {"knn": {MEANING: asked}}

    def compared(self, wanted: Nearest) -> Json:
        """A script over all of them."""
        script = {
            "source": f"cosineSimilarity(params.q, doc['{MEANING}']) + 1.0",
            "params": {"q": list(wanted.vector)},
        }
        return {"script_score": {"query": wanted.where, "script": script}}
