"""From a real broker to an answer: within a second, and nothing lost while it is away."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

import aiomqtt
import anyio
import pytest

import servers
from engines.mosquitto import mosquitto, subscribed
from promptuary.app import Promptuary
from promptuary.domain.incoming import Heard
from promptuary.settings import Settings
from promptuary.testing.event_source import frigate_row

pytestmark = pytest.mark.anyio


async def publish(port: int, rows: list[dict[str, object]]) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for row in rows:
            said = json.dumps({"type": "new", "before": row, "after": row})
            await client.publish("frigate/events", said, qos=1)


class Ear:
    """Hears what comes, and who waits for so many new events."""

    def __init__(self) -> None:
        self.news = anyio.Event()
        self.wanted = 0

    def hear(self, heard: Heard) -> None:
        if heard.new >= self.wanted:
            self.news.set()

    async def heard_all(self) -> None:
        with anyio.fail_after(120):
            await self.news.wait()

    def wants(self, count: int) -> None:
        self.wanted, self.news = count, anyio.Event()


async def test_events_can_be_asked_about_at_once_and_survive_a_broker_that_goes(
    tmp_path: Path, mosquitto_server: servers.Server, record_property
) -> None:
    binary = servers.mosquitto_binary()
    assert binary
    server = mosquitto(binary)
    now = time.time() - 60
    try:
        server.start()
        url = f"mqtt://127.0.0.1:{server.port}"
        settings = Settings(home=tmp_path / "home")
        async with (
            await Promptuary.open(settings=settings) as promptuary,
            anyio.create_task_group() as group,
        ):
            ear = Ear()
            group.start_soon(partial(promptuary.conversation.listen, url, told=ear.hear))
            await subscribed(server, "promptuary")
            ear.wants(1)
            began = time.monotonic()
            await publish(server.port, [frigate_row(0, now)])
            await ear.heard_all()
            seconds = time.monotonic() - began
            record_property("from the broker to an answer, seconds", round(seconds, 3))
            question = "How many dogs at the yard in the last hour?"
            assert (await promptuary.conversation.converse(question)).reply.value == 1
            for turn in (1, 2):
                await anyio.to_thread.run_sync(server.stop)
                await anyio.to_thread.run_sync(server.start)
                rows = [frigate_row(100 * turn + n, now + n / 100) for n in range(100)]
                ear.wants(1 + 100 * turn)
                await publish(server.port, rows)
                await ear.heard_all()
                assert (await promptuary.conversation.events(limit=1)).total == 1 + 100 * turn
            group.cancel_scope.cancel()
    finally:
        server.close()
