"""From a URL to an open index: the client, the collections, a folder's lock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.config import Settings

from promptuary.adapters.indexes._shared.index import ServedIndex, open_served
from promptuary.adapters.indexes._shared.urls import NAME, Address, parsed
from promptuary.adapters.indexes.chroma.asking import Asking
from promptuary.adapters.indexes.chroma.engine import ChromaEngine
from promptuary.domain.errors import Busy, Misconfigured
from promptuary.domain.vectors import Space

_OPTIONS = ("tenant", "database", "ca", "timeout", "m", "ef_construction", "ef_search")
_LONG = 3_600.0
_AT_ONCE = 10


async def connect(url: str, *, space: Space) -> ServedIndex:
    """Open `chroma:/path/to/folder`, made if there was none, or `chroma://:TOKEN@host:8000/name`
    (`chroma+https:` for TLS), where the collections `name` and `name-log` are made.

    Options of a server: `tenant`, `database`, `ca` (an authority of one's own), `timeout` (30
    seconds), and `m`, `ef_construction` and `ef_search` of the graph, which stand when the
    collection is made.

    Raises Busy when another process has the folder open, SpaceMismatch when it holds vectors of
    another space, Unavailable when the server cannot be reached.
    """
    if url.partition(":")[2].startswith("//"):
        address = parsed(url, port=8000, options=_OPTIONS)
        asking = Asking(at_once=_AT_ONCE, seconds=address.number("timeout", 30))
        client = await asking(_served, address)
        return await _opened(client, address, asking, space, partial(asking, _close, client))
    folder = _folder(url)
    lock = _locked(folder)
    asking = Asking(at_once=1, seconds=_LONG)
    address = Address(False, str(folder), 0, NAME, "", "", {})

    async def release() -> None:
        await asking(_close, client)
        os.close(lock)

    try:
        settings = Settings(anonymized_telemetry=False)
        client = await asking(chromadb.PersistentClient, str(folder), settings=settings)
    except BaseException:
        os.close(lock)
        raise
    return await _opened(client, address, asking, space, release)


async def _opened(
    client: ClientAPI,
    address: Address,
    asking: Asking,
    space: Space,
    release: Callable[[], Awaitable[Any]],
) -> ServedIndex:
    graph = {
        "space": "cosine",
        "max_neighbors": address.number("m", 32),
        "ef_construction": address.number("ef_construction", 200),
        "ef_search": address.number("ef_search", 500),
    }
    try:
        make = partial(client.get_or_create_collection, embedding_function=None)
        log = await asking(make, f"{address.name}-log")
        entries = await asking(make, address.name, configuration={"hnsw": graph})
    except BaseException:
        with anyio.CancelScope(shield=True):
            await release()
        raise
    engine = ChromaEngine(entries, log, asking, dimensions=space.dimensions, release=release)
    return await open_served(engine, space, f"the collection {address.name}")


def _served(address: Address) -> ClientAPI:
    token = {"Authorization": f"Bearer {address.password}"} if address.password else None
    _check(address, token)
    return chromadb.HttpClient(
        host=address.host,
        port=address.port,
        ssl=address.secure,
        headers=token,
        settings=Settings(
            anonymized_telemetry=False, chroma_server_ssl_verify=address.options.get("ca")
        ),
        tenant=address.options.get("tenant", "default_tenant"),
        database=address.options.get("database", "default_database"),
    )


def _check(address: Address, token: dict[str, str] | None) -> None:
    """Raises Misconfigured where the client would only fail, and leave its connections open."""
    scheme = "https" if address.secure else "http"
    heart = f"{scheme}://{address.host}:{address.port}/api/v2/heartbeat"
    seconds, trusted = address.number("timeout", 30), address.trusted()
    reply = httpx.get(heart, headers=token, timeout=seconds, verify=trusted or True)
    match reply.status_code:
        case 401 | 403:
            raise Misconfigured(f"{address.host} lets nobody in without another token")
        case 404:
            raise Misconfigured(f"{address.host} is no server of Chroma 1 or newer")


def _close(client: Any) -> None:  # noqa: ANN401 - its parts have no common face
    """Close it, and the connections to a server, its own and its administrator's, that it leaves
    open."""
    servers = (client._server, client._admin_client._server)
    client.close()
    for server in servers:
        if (session := getattr(server, "_session", None)) is not None:
            session.close()


def _folder(url: str) -> Path:
    path = url.partition(":")[2]
    if not path:
        raise Misconfigured("chroma: needs a folder or a server: chroma:/path/to/folder")
    folder = Path(path).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"chroma: {folder} cannot be made: {error}") from error
    return folder


def _locked(folder: Path) -> int:
    """The folder for this process alone: Chroma's own files do not keep others out."""
    lock = os.open(folder / "promptuary.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise Busy(f"{folder} is open in another process") from error
    return lock
