"""What Elasticsearch and OpenSearch do besides what `test_index_engines` asks of every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

from engines.indexes import ask, forget, fresh
from promptuary.domain.errors import (
    InvalidInput,
)
from promptuary.domain.filters import AllOf, Eq, Filter, Not
from promptuary.domain.found import Entry
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import SPACE, sample
from servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Besides:
    """Needs a fixture `server`; `scheme` is the adapter."""

    scheme: str

    @pytest.fixture
    def place(self, server: Server) -> Iterator[str]:
        yield (place := fresh(self.scheme, f"http://127.0.0.1:{server.port}"))
        forget(place)

    @pytest.fixture
    async def index(self, place: str) -> AsyncIterator[Index]:
        opened = await open_index(place, space=SPACE)
        yield opened
        await opened.aclose()

    async def test_a_filter_that_is_too_deep_is_refused(self, index: Index) -> None:
        await index.put(sample(3))
        deep: Filter = Eq("live", True)
        for _ in range(40):
            deep = Not(AllOf((deep, Eq("colour", "green"))))
        with pytest.raises(InvalidInput):
            await index.count(deep)

    async def test_a_graph_of_vectors_finds_nearly_all_that_is_near(self, place: str) -> None:
        index = await open_index(f"{place}?exact=0&quantization=int8", space=SPACE)
        rng = np.random.default_rng(3)
        rows = rng.normal(size=(2_000, SPACE.dimensions)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        await index.put([
            Entry(f"n{at}", {}, {"part": at % 10}, row) for at, row in enumerate(rows)
        ])  # fmt: skip
        kept = rows[3::10]
        hits = await index.search_vectors(rows[:20], limit=10, where=Eq("part", 3))
        recall = []
        for row, found in zip(rows[:20], hits, strict=True):
            true = {f"n{3 + 10 * at}" for at in np.argsort(-(kept @ row))[:10]}
            recall.append(len(true & {hit.id for hit in found}) / 10)
            assert found[0].score == pytest.approx(float((kept @ row).max()), abs=1e-3)
        await index.aclose()
        assert np.mean(recall) >= 0.99


class TestElasticsearch(Besides):
    scheme = "elasticsearch"

    @pytest.fixture
    def server(self, elasticsearch_server: Server) -> Server:
        return elasticsearch_server

    async def test_a_filtered_walk_of_the_graph_compares_what_the_filter_keeps_out_too(
        self, index: Index, place: str
    ) -> None:
        await index.clear()
        where = f"http://{place.partition('://')[2]}/_settings?flat_settings=true"
        (told,) = ask(where).values()
        assert told["settings"]["index.dense_vector.hnsw_filter_heuristic"] == "fanout"


class TestOpenSearch(Besides):
    scheme = "opensearch"

    @pytest.fixture
    def server(self, opensearch_server: Server) -> Server:
        return opensearch_server
