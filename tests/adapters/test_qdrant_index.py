"""The client's local mode, which answers the same requests in the process; and a server, where
`PROMPTUARY_TEST_QDRANT_URL` names one, as no package registry carries it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from qdrant_client import AsyncQdrantClient

import servers
from engines.breaking import strangers
from engines.indexes import opener
from promptuary.adapters.indexes._shared.urls import parsed
from promptuary.adapters.indexes.qdrant.engine import log_of
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.plugins import open_index
from promptuary.testing.index import SPACE, Connect, IndexContract
from promptuary.testing.index_search import IndexSearchContract

pytestmark = pytest.mark.slow


PLACES = ["local", "server"] if os.environ.get("PROMPTUARY_TEST_QDRANT_URL") else ["local"]


@pytest.fixture(params=PLACES)
async def connect(request: pytest.FixtureRequest, quick_path: Path) -> AsyncIterator[Connect]:
    url = f"qdrant:local:{quick_path / 'local'}"
    if request.param == "server":
        url = f"{os.environ['PROMPTUARY_TEST_QDRANT_URL'].rstrip('/')}/test-{uuid4().hex}"

    yield opener(url)
    if request.param == "server":
        await remove_qdrant(url)


async def remove_qdrant(url: str) -> None:
    address = parsed(url, port=6333, options=())
    client = AsyncQdrantClient(
        host=address.host, port=address.port, api_key=address.password or None
    )
    for name in (address.name, log_of(address.name)):
        await client.delete_collection(name)
    await client.close()


class TestQdrantIndex(IndexContract):
    pass


class TestQdrantIndexSearch(IndexSearchContract):
    pass


@pytest.mark.anyio
@pytest.mark.parametrize("grpc", ["0", "6334"])
async def test_a_server_that_is_away_is_unavailable(grpc: str) -> None:
    with pytest.raises(Unavailable):
        await open_index(f"qdrant://127.0.0.1:{servers.free_port()}/x?grpc={grpc}", space=SPACE)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "wrong", ["qdrant:", "qdrant://host/x?colour=blue", "qdrant://host/x?timeout=soon"]
)
async def test_a_url_that_cannot_work_is_a_wrong_setting(wrong: str) -> None:
    with pytest.raises(Misconfigured):
        await open_index(wrong, space=SPACE)


@pytest.mark.anyio
async def test_a_server_that_is_too_old_for_the_log_is_told_apart() -> None:
    old = {"/": {"title": "qdrant - vector search engine", "version": "1.15.5"}}
    with strangers.speaking(old) as port, pytest.raises(Misconfigured, match=r"1\.16"):
        await open_index(f"qdrant://127.0.0.1:{port}/x?grpc=0", space=SPACE)


@pytest.mark.anyio
async def test_an_unknown_key_is_a_wrong_setting() -> None:
    with (
        strangers.speaking({}) as port,
        strangers.guarded(port, "api-key: right") as gate,
        pytest.raises(Misconfigured),
    ):
        await open_index(f"qdrant://:wrong@127.0.0.1:{gate}/x?grpc=0", space=SPACE)


@pytest.mark.anyio
async def test_tls_with_a_server_that_speaks_none_is_unavailable() -> None:
    with strangers.speaking({}) as port, pytest.raises(Unavailable):
        await open_index(f"qdrant+https://127.0.0.1:{port}/x?grpc=0", space=SPACE)
