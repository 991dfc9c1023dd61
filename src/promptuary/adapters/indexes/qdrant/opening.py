"""From a URL to an open index: the client, the collections."""

from __future__ import annotations

import warnings

from qdrant_client import AsyncQdrantClient
from qdrant_client.models import (
    BinaryQuantization,
    BinaryQuantizationConfig,
    Distance,
    HnswConfigDiff,
    PayloadSchemaType,
    QuantizationSearchParams,
    ScalarQuantization,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
    SparseVectorParams,
    VectorParams,
)

from promptuary.adapters.indexes._shared.index import ServedIndex, open_served
from promptuary.adapters.indexes._shared.urls import NAME, Address, parsed
from promptuary.adapters.indexes.qdrant.engine import QdrantEngine, log_of
from promptuary.adapters.indexes.qdrant.errors import translated
from promptuary.adapters.indexes.qdrant.filters import FACTS
from promptuary.adapters.indexes.qdrant.points import MEANING, WORDS
from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Space

_OPTIONS = (
    "grpc", "ca", "timeout", "search", "m", "ef_construction", "ef_search", "quantization",
)  # fmt: skip
_LOCAL = "local"
_OLDEST = (1, 16)
"""Older servers do not know inserts that leave what is there alone, on which the log depends."""
_BACK = 1_000
"""Milliseconds until a server that went away is looked for again; gRPC waits up to two minutes."""


async def connect(url: str, *, space: Space) -> ServedIndex:
    """Open `qdrant://:KEY@host:6333/name` (`qdrant+https:` for TLS); the collections `name` and
    `name-log` are made where there are none.

    Options: `grpc` (6334, the port; `0` speaks HTTP alone), `ca` (TLS, by that authority),
    `timeout` (30 seconds), `search` (`exact`, or `graph` with `m`, `ef_construction` and
    `ef_search` of the server's HNSW), `quantization` (`none`, `int8`, `binary`). `qdrant:local` and
    `qdrant:local:FOLDER` open what the client itself offers in the process, for trying things out.

    Raises Misconfigured for a URL or key that cannot work, SpaceMismatch when it holds vectors of
    another space, Unavailable when the server cannot be reached.
    """
    rest = url.partition(":")[2]
    if rest.partition(":")[0] == _LOCAL:
        folder = rest.partition(":")[2]
        client = AsyncQdrantClient(path=folder) if folder else AsyncQdrantClient(":memory:")
        address = Address(False, _LOCAL, 0, NAME, "", "", {})
    else:
        address = parsed(url, port=6333, options=_OPTIONS)
        client = _client(address)
    try:
        with translated():
            if address.host != _LOCAL:
                _check((await client.info()).version)
            await _prepare(client, address, space)
    except BaseException:
        await client.close()
        raise
    engine = QdrantEngine(client, address.name, params=_params(address))
    return await open_served(engine, space, f"the collection {address.name}")


def _client(address: Address) -> AsyncQdrantClient:
    with warnings.catch_warnings():
        # It warns of a key without TLS; inside a machine or a mesh that is the owner's choice.
        warnings.simplefilter("ignore")
        return AsyncQdrantClient(
            host=address.host,
            port=address.port,
            grpc_port=int(address.options.get("grpc", "6334") or 0),
            prefer_grpc=address.options.get("grpc") != "0",
            https=address.secure,
            api_key=address.password or None,
            timeout=address.number("timeout", 30),
            check_compatibility=False,
            grpc_options={
                "grpc.max_reconnect_backoff_ms": _BACK,
                "root_certificates": address.authority(),
            },
            verify=address.trusted() or True,
        )


async def _prepare(client: AsyncQdrantClient, address: Address, space: Space) -> None:
    """Make the collections where they are missing; the log last, as it says that all is there."""
    name = address.name
    if not await client.collection_exists(name):
        await client.create_collection(
            name,
            vectors_config={
                MEANING: VectorParams(
                    size=space.dimensions,
                    distance=Distance.COSINE,
                    hnsw_config=HnswConfigDiff(
                        m=address.number("m", 16),
                        ef_construct=address.number("ef_construction", 128),
                    ),
                    quantization_config=_quantization(address),
                )
            },
            sparse_vectors_config={WORDS: SparseVectorParams()},
        )
    if not await client.collection_exists(log_of(name)):
        if address.host != _LOCAL:
            await client.create_payload_index(name, FACTS, PayloadSchemaType.KEYWORD)
        await client.create_collection(log_of(name), vectors_config={})


def _check(version: str) -> None:
    """Raises Misconfigured for a server that would let two writers take one position."""
    known = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if known < _OLDEST:
        raise Misconfigured(
            f"qdrant: a server of {'.'.join(map(str, _OLDEST))} or newer, not {version}"
        )


def _quantization(address: Address) -> ScalarQuantization | BinaryQuantization | None:
    match address.choice("quantization", "none", "int8", "binary"):
        case "int8":
            return ScalarQuantization(
                scalar=ScalarQuantizationConfig(type=ScalarType.INT8, always_ram=True)
            )
        case "binary":
            return BinaryQuantization(binary=BinaryQuantizationConfig(always_ram=True))
    return None


def _params(address: Address) -> SearchParams | None:
    """Exact, or by the graph; what quantisation blurs is compared again in full."""
    if address.host == _LOCAL:
        return None
    if address.choice("search", "exact", "graph") == "exact":
        return SearchParams(exact=True, quantization=QuantizationSearchParams(ignore=True))
    again = QuantizationSearchParams(rescore=True, oversampling=2.0)
    return SearchParams(hnsw_ef=address.number("ef_search", 200), quantization=again)
