"""`redis://HOST:6379/0` keys as the older canonicalisation pipeline kept them (extra: `redis`):

| key                             | for    | value, in JSON                       |
|---------------------------------|--------|--------------------------------------|
| `embedding:{space}:{sha256}`    | 7 days | `embedding`, `metadata`              |
| `similarity:{prompt}:{cluster}` | 1 day  | `score`, `prompt_id`, `cluster_id`   |
| `cluster:{cluster}:centroid`    | 1 day  | a list of numbers                    |
| `checkpoint:ingestion:{batch}`  | 1 day  | `last_processed`, `timestamp`        |

`space` is the fingerprint of the embedding space, without which vectors of two models would be
taken for one another; the hash is that of the text. The option `prefix` is put before every key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from promptuary.adapters._redis import named
from promptuary.adapters._redis_keys import prefix_of
from promptuary.domain.errors import Misconfigured
from promptuary.domain.mirrors import Centre, MirroredPrompt
from promptuary.domain.prompts import content_hash
from promptuary.domain.vectors import Space, Vectors

PATIENCE: Final = 10.0
A_DAY, A_WEEK = 86_400, 604_800
"""How long keys live, in seconds."""
DIGITS: Final = 7
"""Of each number of a vector: more than a 32-bit one tells apart."""


def connect(url: str, *, space: Space) -> RedisMirror:
    """Nothing is connected yet; raises Misconfigured for no URL of a Redis."""
    url, prefix = prefix_of(url, "")
    try:
        client = Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    except ValueError as error:
        raise Misconfigured(f"not a URL of a Redis: {error}") from error
    return RedisMirror(client, space, prefix)


class RedisMirror:
    """The port `Mirror`. What has run out of time comes back when the index is built again."""

    def __init__(self, client: Redis, space: Space, prefix: str) -> None:
        self._client = client
        self._space = space
        self._prefix = prefix

    async def show(self, prompts: Sequence[MirroredPrompt], centres: Sequence[Centre]) -> None:
        """As the port says."""
        with named():
            async with self._client.pipeline(transaction=False) as pipe:
                for prompt in prompts:
                    digest = content_hash(prompt.text)
                    key = f"embedding:{self._space.fingerprint}:{digest}"
                    pipe.set(self._prefix + key, self._embedding(prompt, digest), ex=A_WEEK)
                    if prompt.lineage_id is not None:
                        key = f"similarity:{prompt.id}:{prompt.lineage_id}"
                        pipe.set(self._prefix + key, _similarity(prompt), ex=A_DAY)
                for centre in centres:
                    key = f"cluster:{centre.lineage_id}:centroid"
                    pipe.set(self._prefix + key, json.dumps(_numbers(centre.vector)), ex=A_DAY)
                await pipe.execute()

    async def passed(self, batch_id: str, position: int, at: datetime) -> None:
        """As the port says."""
        sent = batch_id.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent
        told = json.dumps({"last_processed": position, "timestamp": at.isoformat()})
        with named():
            await self._client.set(f"{self._prefix}checkpoint:ingestion:{sent}", told, ex=A_DAY)

    async def aclose(self) -> None:
        """Close the connections."""
        with named():
            await self._client.aclose()

    def _embedding(self, prompt: MirroredPrompt, digest: str) -> str:
        told = {
            "model": self._space.name,
            "dimensions": self._space.dimensions,
            "encoding_format": "float",
            "prompt_hash": digest,
        }
        return json.dumps({"embedding": _numbers(prompt.vector), "metadata": told})


def _similarity(prompt: MirroredPrompt) -> str:
    told = {"score": prompt.similarity, "prompt_id": prompt.id, "cluster_id": prompt.lineage_id}
    return json.dumps(told)


def _numbers(vector: Vectors) -> list[float]:
    return [round(number, DIGITS) for number in vector.tolist()]
