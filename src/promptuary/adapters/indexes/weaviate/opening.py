"""From a URL to an open index: the client, the collections."""

from __future__ import annotations

import re

import anyio
import httpx
import weaviate
from grpc import ssl_channel_credentials
from weaviate import WeaviateAsyncClient
from weaviate.classes.config import Configure, Property, VectorDistances
from weaviate.classes.init import AdditionalConfig, Auth, GrpcConfig, Timeout
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.config_vector_index import _VectorIndexConfigCreate
from weaviate.collections.classes.config_vectors import _VectorConfigCreate
from weaviate.exceptions import UnexpectedStatusCodeError

from promptuary.adapters.indexes._shared.index import ServedIndex, open_served
from promptuary.adapters.indexes._shared.urls import Address, parsed
from promptuary.adapters.indexes.weaviate.engine import WeaviateEngine
from promptuary.adapters.indexes.weaviate.errors import Server, translated
from promptuary.adapters.indexes.weaviate.log import log_properties
from promptuary.adapters.indexes.weaviate.objects import MEANING, properties
from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Space

_OPTIONS = (
    "grpc", "grpc_host", "ca", "timeout", "tenant", "search", "m", "ef_construction", "ef_search",
)  # fmt: skip
_BACK = 1_000
"""Milliseconds until a server that went away is looked for again; gRPC waits up to two minutes."""

_NAMES = re.compile(r"[A-Za-z][_0-9A-Za-z]{0,200}")


async def connect(url: str, *, space: Space) -> ServedIndex:
    """Open `weaviate://:KEY@host:8080/name` (`weaviate+https:` for TLS); the collections `Name` and
    `Name_log` are made where there are none.

    Options: `grpc` (50051, the port) and `grpc_host`, `ca` (TLS, by that authority), `timeout` (30
    seconds), `tenant` (both collections are then divided by tenant), `search` (`exact`, or `graph`
    with `m`, `ef_construction` and `ef_search` of the server's HNSW; decided when the collection is
    made).

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
    server = Server(address.options.get("grpc_host", address.host), address.number("grpc", 50051))
    engine = WeaviateEngine(client, server, entries, log)
    return await open_served(engine, space, f"collection {name}")


def _client(address: Address) -> WeaviateAsyncClient:
    seconds, authority = address.number("timeout", 30), address.authority()
    client = weaviate.use_async_with_custom(
        http_host=address.host,
        http_port=address.port,
        http_secure=address.secure,
        grpc_host=address.options.get("grpc_host", address.host),
        grpc_port=address.number("grpc", 50051),
        grpc_secure=address.secure,
        auth_credentials=Auth.api_key(address.password) if address.password else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=10, query=seconds, insert=3 * seconds),
            grpc_config=GrpcConfig(
                channel_options=[("grpc.max_reconnect_backoff_ms", _BACK)],
                credentials=ssl_channel_credentials(authority) if authority else None,
            ),
        ),
        # They ask a package registry for a newer client; what else they find out, we do at once.
        skip_init_checks=True,
    )
    connection, trusted = client._connection, address.trusted() or address.secure

    def http(_: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(headers=connection._headers, verify=trusted, trust_env=False)

    # The client takes no authority for its requests by HTTP.
    connection._make_client = http  # type: ignore[method-assign,assignment] # an overloaded method
    return client


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
