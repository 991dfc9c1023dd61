"""From a URL to an open index: the client, the collections."""

from __future__ import annotations

import re

import anyio
import weaviate
from weaviate import WeaviateAsyncClient
from weaviate.classes.config import Configure, Property, VectorDistances
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.config_vector_index import _VectorIndexConfigCreate
from weaviate.collections.classes.config_vectors import _VectorConfigCreate
from weaviate.exceptions import UnexpectedStatusCodeError

from promptuary.adapters.indexes._shared.index import ServedIndex, open_served
from promptuary.adapters.indexes._shared.urls import Address, parsed
from promptuary.adapters.indexes.weaviate.engine import WeaviateEngine
from promptuary.adapters.indexes.weaviate.errors import translated
from promptuary.adapters.indexes.weaviate.log import log_properties
from promptuary.adapters.indexes.weaviate.objects import MEANING, properties
from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Space

_OPTIONS = (
    "grpc", "grpc_host", "timeout", "tenant", "search", "m", "ef_construction", "ef_search",
)  # fmt: skip
_NAMES = re.compile(r"[A-Za-z][_0-9A-Za-z]{0,200}")


async def connect(url: str, *, space: Space) -> ServedIndex:
    """Open `weaviate://:KEY@host:8080/name` (`weaviate+https:` for TLS); the collections `Name` and
    `Name_log` are made where there are none.

    Options: `grpc` (50051, the port) and `grpc_host`, `timeout` (30 seconds), `tenant` (both
    collections are then divided by tenant), `search` (`exact`, or `graph` with `m`,
    `ef_construction` and `ef_search` of the server's HNSW; decided when the collection is made).

    Raises Misconfigured for a URL or key that cannot work, SpaceMismatch when it holds vectors of
    another space, Unavailable when the server cannot be reached.
    """
    address = parsed(url, port=8080, options=_OPTIONS)
    if not _NAMES.fullmatch(address.name):
        raise Misconfigured("weaviate: a name has letters, digits and _, and begins with a letter")
    name = address.name[0].upper() + address.name[1:]
    client = _client(address)
    try:
        with translated():
            await client.connect()
            entries = await _ensured(client, name, address, properties(), vectors=True)
            log = await _ensured(client, f"{name}_log", address, log_properties(), vectors=False)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await client.close()
        raise
    return await open_served(WeaviateEngine(client, entries, log), space, f"collection {name}")


def _client(address: Address) -> WeaviateAsyncClient:
    seconds = address.number("timeout", 30)
    return weaviate.use_async_with_custom(
        http_host=address.host,
        http_port=address.port,
        http_secure=address.secure,
        grpc_host=address.options.get("grpc_host", address.host),
        grpc_port=address.number("grpc", 50051),
        grpc_secure=address.secure,
        auth_credentials=Auth.api_key(address.password) if address.password else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=10, query=seconds, insert=3 * seconds)
        ),
    )


async def _ensured(
    client: WeaviateAsyncClient,
    name: str,
    address: Address,
    wanted: list[Property],
    *,
    vectors: bool,
) -> CollectionAsync:
    """The collection, made where it is missing, of the tenant if there is one."""
    tenant = address.options.get("tenant", "")
    collection = client.collections.use(name)
    if not await client.collections.exists(name):
        try:
            await client.collections.create(
                name,
                properties=wanted,
                vector_config=_vectors(address) if vectors else Configure.Vectors.self_provided(),
                inverted_index_config=Configure.inverted_index(bm25_k1=1.2, bm25_b=0.75),
                multi_tenancy_config=Configure.multi_tenancy(enabled=True) if tenant else None,
            )
        except UnexpectedStatusCodeError as error:
            if "already exists" not in str(error):
                raise
    if tenant:
        if not await collection.tenants.exists(tenant):
            await collection.tenants.create(tenant)
        return collection.with_tenant(tenant)
    return collection


def _vectors(address: Address) -> _VectorConfigCreate:
    """Compared one by one, or by a graph."""
    shape: _VectorIndexConfigCreate = Configure.VectorIndex.flat(
        distance_metric=VectorDistances.COSINE
    )
    if address.choice("search", "exact", "graph") == "graph":
        shape = Configure.VectorIndex.hnsw(
            distance_metric=VectorDistances.COSINE,
            max_connections=address.number("m", 32),
            ef_construction=address.number("ef_construction", 128),
            ef=address.number("ef_search", 200),
        )
    config: _VectorConfigCreate = Configure.Vectors.self_provided(
        name=MEANING, vector_index_config=shape
    )
    return config
