"""A reader of the older pipeline's keys, and the port's contract, in a real Redis."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import numpy as np
import pytest
from redis import Redis

import servers
from promptuary.adapters.mirrors.redis import RedisMirror, connect
from promptuary.app import Promptuary
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.domain.prompts import content_hash
from promptuary.settings import Settings
from promptuary.testing.mirror import SPACE, MirrorContract, Seen, prompt

pytestmark = pytest.mark.anyio
A_DAY, A_WEEK = 86_400, 604_800
PROMPTS = [
    f"Name a quiet street in {town} for an evening walk."
    for town in ("Oslo", "Lima", "Cairo", "Perth", "Quito", "Turin")
]


@pytest.mark.server
class TestRedisMirror(MirrorContract):
    @pytest.fixture
    async def mirror(self, redis_url: str) -> AsyncIterator[RedisMirror]:
        opened = connect(redis_url, space=SPACE)
        yield opened
        await opened.aclose()

    @pytest.fixture
    def seen(self, redis_url: str) -> Seen:
        async def found(asked):
            with Redis.from_url(redis_url) as client:
                kept = client.get(f"embedding:{SPACE.fingerprint}:{content_hash(asked.text)}")
                if kept is None:
                    return None
                here = client.exists(f"similarity:{asked.id}:{asked.lineage_id}")
                row = np.array(json.loads(kept)["embedding"], dtype=np.float32)
                return row, asked.lineage_id if here else None

        return found


@pytest.mark.server
async def test_a_reader_of_the_older_keys_finds_what_was_ingested(redis_url: str, tmp_path) -> None:
    settings = Settings(home=tmp_path, index_url="memory:", mirrors=f"{redis_url}?prefix=canon:")
    async with await Promptuary.open(settings=settings) as promptuary:
        await promptuary.ingest(PROMPTS, complete=True, batch_id="monday")
        (line,) = (await promptuary.templates()).items
        kept = (await promptuary.prompts()).items
        with Redis.from_url(redis_url, decode_responses=True) as client:
            found = client.keys("canon:embedding:*")
            assert len(found) == len(client.keys("canon:similarity:*")) == len(PROMPTS)
            for each in kept:
                (key,) = [name for name in found if name.endswith(f":{content_hash(each.text)}")]
                told = json.loads(client.get(key))
                assert told["metadata"] == {
                    "model": told["metadata"]["model"],
                    "dimensions": len(told["embedding"]),
                    "encoding_format": "float",
                    "prompt_hash": content_hash(each.text),
                }
                assert abs(np.linalg.norm(told["embedding"]) - 1) < 1e-3
                assert A_DAY < client.ttl(key) <= A_WEEK
                key = f"canon:similarity:{each.id}:{line.id}"
                assert json.loads(client.get(key))["score"] > 0
                assert 0 < client.ttl(key) <= A_DAY
            centre = json.loads(client.get(f"canon:cluster:{line.id}:centroid"))
            assert np.dot(centre, told["embedding"]) > 0.5
            key = "canon:checkpoint:ingestion:monday"
            assert json.loads(client.get(key))["last_processed"] == len(PROMPTS)
            assert 0 < client.ttl(key) <= A_DAY
            client.flushall()
            await promptuary.rebuild_index()
            assert len(client.keys("canon:embedding:*")) == len(PROMPTS), "copied again"


async def test_a_redis_that_is_away_is_unavailable_and_no_url_of_one_misconfigured() -> None:
    mirror = connect(f"redis://127.0.0.1:{servers.free_port()}/0", space=SPACE)
    with pytest.raises(Unavailable):
        await mirror.show([prompt(1)], [])
    await mirror.aclose()
    with pytest.raises(Misconfigured):
        connect("redis://localhost/0?socket_timeout=soon", space=SPACE)
