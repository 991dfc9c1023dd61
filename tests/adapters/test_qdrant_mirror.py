"""The port's contract, and a reader of the older pipeline's collection, on what Qdrant's own client
offers in the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient
from qdrant_client.models import Distance, FieldCondition, Filter, MatchValue

import servers
from promptuary.adapters.mirrors.qdrant import COLLECTION, QdrantMirror, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.domain.vectors import Space
from promptuary.testing.mirror import SPACE, MirrorContract, Seen, prompt

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[AsyncQdrantClient]:
    opened = AsyncQdrantClient(":memory:")
    yield opened
    await opened.close()


@pytest.fixture
def mirror(client: AsyncQdrantClient) -> QdrantMirror:
    return QdrantMirror(client, COLLECTION, SPACE)


class TestQdrantMirror(MirrorContract):
    @pytest.fixture
    def seen(self, client: AsyncQdrantClient) -> Seen:
        async def found(asked):
            if not await client.collection_exists(COLLECTION):
                return None
            rows = await client.retrieve(COLLECTION, [asked.id], with_vectors=True)
            return (np.array(rows[0].vector), rows[0].payload["cluster_id"]) if rows else None

        return found


async def test_a_reader_of_the_older_collection_finds_the_nearest_prompts_of_a_cluster(
    mirror: QdrantMirror, client: AsyncQdrantClient
) -> None:
    shown = [prompt(n, lineage="ab"[n % 2]) for n in range(20)]
    await mirror.show(shown, [])
    made = (await client.get_collection(COLLECTION)).config.params.vectors
    assert (made.size, made.distance) == (SPACE.dimensions, Distance.COSINE)
    assert (made.hnsw_config.m, made.hnsw_config.ef_construct) == (16, 100)
    only = Filter(must=[FieldCondition(key="cluster_id", match=MatchValue(value="b"))])
    asked = await client.query_points(
        COLLECTION, query=shown[3].vector.tolist(), query_filter=only, limit=2
    )
    best = asked.points[0]
    assert best.id == best.payload["prompt_id"] == shown[3].id
    assert best.payload == {
        "prompt_id": shown[3].id, "cluster_id": "b", "content": shown[3].text,
    }  # fmt: skip


async def test_a_collection_of_another_size_is_left_alone(client: AsyncQdrantClient) -> None:
    await QdrantMirror(client, COLLECTION, Space("other", 3, "other/3"))._prepare()
    with pytest.raises(Misconfigured, match="holds vectors of 3 numbers"):
        await QdrantMirror(client, COLLECTION, SPACE).show([prompt(1)], [])


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    mirror = connect(f"qdrant://:key@127.0.0.1:{servers.free_port()}/mine", space=SPACE)
    with pytest.raises(Unavailable):
        await mirror.show([prompt(1)], [])
    await mirror.aclose()
    local = connect(f"qdrant:local:{tmp_path}", space=SPACE)
    await local.show([prompt(1)], [])
    await local.aclose()
    with pytest.raises(Misconfigured):
        connect("qdrant://", space=SPACE)
