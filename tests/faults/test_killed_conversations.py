"""kill -9 of the server, or of its Redis, while many converse: every turn and every event that was
acknowledged is still there."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import httpx2
import pytest
from redis import Redis

import servers
from api.running import running
from promptuary.app import Promptuary

pytestmark = [pytest.mark.slow, pytest.mark.anyio, pytest.mark.timeout(900)]
KILLS, TALKERS = 2, 4
SEEN = {"camera_id": "gate", "label": "person", "timestamp": "2025-05-10T10:00:00Z"}


class Acknowledged:
    """What a server said is durable: texts by conversation, and ids of events."""

    def __init__(self) -> None:
        self.turns: dict[str, list[str]] = {}
        self.events: set[str] = set()
        self.many = asyncio.Event()

    async def talk(self, client: httpx2.AsyncClient, name: str) -> None:
        """Ask and send until the server is gone."""
        thread: str | None = None
        try:
            for number in range(10_000):
                event = {**SEEN, "event_id": f"{name}-{number}"}
                if (await client.post("/api/v1/events", json=event)).status_code == 202:
                    self.events.add(event["event_id"])
                asked = {"query": f"How many people on {number % 28 + 1} May 2025?"}
                said = await client.post(
                    "/api/v1/conversation", json={**asked, "conversation_id": thread}
                )
                if said.status_code == 200:
                    told = said.json()
                    thread = told["conversation_id"]
                    if number:
                        self.many.set()
                    self.turns.setdefault(thread, []).extend([asked["query"], told["response"]])
        except httpx2.HTTPError:
            return  # it was killed


async def test_no_acknowledged_turn_or_event_is_lost(tmp_path: Path) -> None:
    draw, kept = random.Random(8), Acknowledged()
    for kill in range(KILLS):
        with running(tmp_path, rate_limit_enabled=False) as server:
            async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
                kept.many.clear()
                async with asyncio.TaskGroup() as talking:
                    for number in range(TALKERS):
                        talking.create_task(kept.talk(client, f"{kill}-{number}"))
                    await kept.many.wait()
                    await asyncio.sleep(draw.random())  # into whatever is being written
                    server.process.kill()
    assert len(kept.turns) >= KILLS
    await all_there(tmp_path, kept)


async def test_a_redis_that_is_killed_loses_no_turn_and_stops_no_conversation(
    tmp_path: Path, redis_server: servers.Server, redis_url: str
) -> None:
    draw, kept = random.Random(9), Acknowledged()
    limits = {"rate_limit_per_minute": 1_000_000, "rate_limit_burst": 1_000_000}
    with running(tmp_path, cache_url=redis_url, **limits) as server:
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
            try:
                async with asyncio.TaskGroup() as talking:
                    for number in range(TALKERS):
                        talking.create_task(kept.talk(client, f"redis-{number}"))
                    await kept.many.wait()
                    await asyncio.sleep(draw.random())  # into whatever is being written
                    with Redis.from_url(redis_url) as client_of_cache:
                        assert client_of_cache.dbsize(), "every request writes its limits there"
                    redis_server.kill()
                    before = sum(map(len, kept.turns.values()))
                    kept.many.clear()
                    await kept.many.wait()  # they go on without it
                    server.process.kill()
            finally:
                redis_server.start()
    assert sum(map(len, kept.turns.values())) > before
    await all_there(tmp_path, kept)


async def all_there(home: Path, kept: Acknowledged) -> None:
    """Whether a home holds everything that was acknowledged."""
    async with await Promptuary.open(home) as promptuary:
        conversation = promptuary.conversation
        for thread, said in kept.turns.items():
            found = [e.text for e in (await conversation.export(thread, user="loopback")).messages]
            assert found[: len(said)] == said
            assert len(found) - len(said) in {0, 2}
        assert len(await conversation.events_of(sorted(kept.events))) == len(kept.events)
