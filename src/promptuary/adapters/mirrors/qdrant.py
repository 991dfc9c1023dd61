"""`qdrant://:KEY@HOST:6333/prompt_embeddings` a collection of Qdrant as the older canonicalisation
pipeline kept it (extra: `qdrant`): a point for each prompt, under the prompt's id, with one vector
that has no name, compared by cosine, and with the payload `prompt_id`, `cluster_id` and `content`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import anyio
from qdrant_client import AsyncQdrantClient
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse
from qdrant_client.models import Distance, HnswConfigDiff, PointStruct, VectorParams

from promptuary.adapters.indexes._shared.urls import NAME, parsed
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.domain.mirrors import Centre, MirroredPrompt
from promptuary.domain.vectors import Space

COLLECTION: Final = "prompt_embeddings"
SECONDS: Final = 30
AT_ONCE: Final = 200
NOT_LET_IN: Final = (401, 403)
_LOCAL: Final = "local"


def connect(url: str, *, space: Space) -> QdrantMirror:
    """Nobody is asked yet. `qdrant+https:` speaks TLS; `qdrant:local:FOLDER` is what the client
    itself offers in the process, for trying things out. Raises Misconfigured for another URL."""
    kind, _, folder = url.partition(":")[2].partition(":")
    if kind == _LOCAL:
        return QdrantMirror(AsyncQdrantClient(path=folder), COLLECTION, space)
    address = parsed(url, port=6333, options=())
    with warnings.catch_warnings():
        # It warns of a key without TLS; inside a machine or a mesh that is the owner's choice.
        warnings.simplefilter("ignore")
        client = AsyncQdrantClient(
            host=address.host,
            port=address.port,
            https=address.secure,
            api_key=address.password or None,
            timeout=SECONDS,
            check_compatibility=False,
        )
    return QdrantMirror(client, COLLECTION if address.name == NAME else address.name, space)


class QdrantMirror:
    """The port `Mirror`. The collection is made when something is shown first; what a reader does
    with a lineage's centre it can ask the collection itself, so centres are left out."""

    def __init__(self, client: AsyncQdrantClient, collection: str, space: Space) -> None:
        self._client = client
        self._collection = collection
        self._space = space
        self._turn = anyio.Lock()
        self._there = False

    async def show(
        self,
        prompts: Sequence[MirroredPrompt],
        centres: Sequence[Centre],  # noqa: ARG002  the port's, see above
    ) -> None:
        """As the port says."""
        with _named():
            await self._prepare()
            for start in range(0, len(prompts), AT_ONCE):
                points = [_point(prompt) for prompt in prompts[start : start + AT_ONCE]]
                await self._client.upsert(self._collection, points)

    async def passed(self, batch_id: str, position: int, at: datetime) -> None:
        """Nobody looks for it here."""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _prepare(self) -> None:
        async with self._turn:
            if self._there:
                return
            if not await self._client.collection_exists(self._collection):
                await self._client.create_collection(
                    self._collection,
                    vectors_config=VectorParams(
                        size=self._space.dimensions,
                        distance=Distance.COSINE,
                        hnsw_config=HnswConfigDiff(m=16, ef_construct=100),
                    ),
                )
            found = await self._client.get_collection(self._collection)
            size = getattr(found.config.params.vectors, "size", None)
            if size != self._space.dimensions:
                raise Misconfigured(
                    f"qdrant: {self._collection} holds vectors of {size or 'several'} numbers, "
                    f"and {self._space.name} gives {self._space.dimensions}; name another one"
                )
            self._there = True


def _point(prompt: MirroredPrompt) -> PointStruct:
    sent = prompt.text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent
    told = {"prompt_id": prompt.id, "cluster_id": prompt.lineage_id, "content": sent}
    return PointStruct(id=prompt.id, vector=prompt.vector.tolist(), payload=told)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except UnexpectedResponse as error:
        kind = Misconfigured if error.status_code in NOT_LET_IN else Unavailable
        raise kind(f"Qdrant refuses: {error}") from error
    except (ApiException, OSError) as error:
        raise Unavailable(f"cannot reach Qdrant: {error}") from error
