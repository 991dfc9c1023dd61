"""Events from a real broker: nothing that it promised to deliver is lost."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import uuid4

import aiomqtt
import anyio
import pytest

import servers
from engines.mosquitto import mosquitto, subscribed
from promptuary.adapters.event_sources.mqtt import MqttEventSource, connect, rows_of
from promptuary.domain.errors import InvalidInput, Misconfigured, Unavailable
from promptuary.testing.event_source import EventSourceContract, Send


@pytest.fixture
def client() -> str:
    """A listener that nobody was before."""
    return f"test-{uuid4().hex[:12]}"


@pytest.fixture
def url(mosquitto_server: servers.Server, client: str) -> str:
    return f"mqtt://127.0.0.1:{mosquitto_server.port}?client={client}"


async def publish(port: int, *messages: tuple[str, Any], qos: int = 1, **how: Any) -> None:
    async with aiomqtt.Client("127.0.0.1", port, **how) as client:
        for topic, said in messages:
            body = said if isinstance(said, bytes) else json.dumps(said)
            await client.publish(topic, body, qos=qos)


def news(row: Any, kind: str = "new") -> tuple[str, Any]:
    """A message as Frigate publishes it."""
    return "frigate/events", {"type": kind, "before": row, "after": row}


class TestMqttEventSource(EventSourceContract):
    @pytest.fixture
    def now(self) -> float:
        return round(time.time(), 3)

    @pytest.fixture
    async def source(
        self, mosquitto_server: servers.Server, url: str, client: str
    ) -> AsyncIterator[MqttEventSource]:
        opened = connect(f"{url}&topic=contract/events")
        how = {"identifier": client, "clean_session": False}
        async with aiomqtt.Client("127.0.0.1", mosquitto_server.port, **how) as known:
            # From now on the broker keeps for it what is sent before it listens.
            await known.subscribe("contract/events", qos=1)
        yield opened
        await opened.aclose()

    @pytest.fixture
    def send(self, mosquitto_server: servers.Server) -> Send:
        async def send(rows) -> None:
            said = [("contract/events", row) for row in rows]
            await publish(mosquitto_server.port, *said)

        return send


@pytest.mark.anyio
async def test_what_came_while_nobody_listened_is_kept_by_the_broker(
    mosquitto_server: servers.Server, url: str, client: str
) -> None:
    source = connect(url)
    async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
        group.start_soon(publish_soon, mosquitto_server, client, [news({"id": "first"})])
        batch = await anext(batches)
        await batch.taken()
    many = [news({"id": f"later-{n}"}) for n in range(300)]
    await publish(mosquitto_server.port, *many)
    got: list[str] = []
    async with aclosing(source.live()) as batches:
        with anyio.fail_after(60):
            while len(got) < 300:
                batch = await anext(batches)
                await batch.taken()
                got += [row["after"]["id"] for row in batch.rows]
    assert got == [f"later-{n}" for n in range(300)]


async def publish_soon(
    server: servers.Server, client: str, messages: list[tuple[str, Any]], **how: Any
) -> None:
    """As soon as that client listens."""
    await subscribed(server, client)
    await publish(server.port, *messages, **how)


@pytest.mark.anyio
async def test_messages_that_are_none_are_named_and_do_not_come_again(
    mosquitto_server: servers.Server, url: str, client: str
) -> None:
    source = connect(url)
    wrong = [("frigate/events", b"\xff{"), ("frigate/events", b"[1]"), ("camera/events/x", b"")]
    good = ("camera/events/gate", {"event_id": "1", "label": "car", "timestamp": 1.0})
    async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
        group.start_soon(publish_soon, mosquitto_server, client, [*wrong, good])
        unread, rows = [], []
        with anyio.fail_after(60):
            while not rows:
                batch = await anext(batches)
                await batch.taken()
                unread += batch.unread
                rows += batch.rows
    assert len(unread) == 3
    assert rows == [{"camera_id": "gate", **good[1]}]


@pytest.mark.anyio
async def test_a_broker_that_goes_is_unavailable_and_its_return_is_enough(
    mosquitto_server: servers.Server,
) -> None:
    binary = servers.mosquitto_binary()
    assert binary
    server = mosquitto(binary)
    try:
        server.start()
        source = connect(f"mqtt://127.0.0.1:{server.port}?client=returning")
        async with aclosing(source.live()) as batches:
            async with anyio.create_task_group() as group:
                group.start_soon(publish_soon, server, "returning", [news({"id": "a"})])
                await (await anext(batches)).taken()
            await anyio.to_thread.run_sync(server.stop)
            with pytest.raises(Unavailable):
                await anext(batches)
        with pytest.raises(Unavailable):
            await anext(source.live())
        await anyio.to_thread.run_sync(server.start)
        await publish(server.port, news({"id": "b"}))
        async with aclosing(source.live()) as batches:
            batch = await anext(batches)
            assert [row["after"]["id"] for row in batch.rows] == ["b"]
            await batch.taken()
    finally:
        server.close()


@pytest.mark.server
@pytest.mark.anyio
async def test_a_broker_that_does_not_let_us_in_is_a_matter_of_settings(
    monkeypatch: pytest.MonkeyPatch, mosquitto_server: servers.Server
) -> None:
    binary = servers.mosquitto_binary()
    assert binary
    server = mosquitto(binary, password="right-one")
    try:
        server.start()
        with pytest.raises(Misconfigured):
            await anext(connect(f"mqtt://guard@127.0.0.1:{server.port}").live())
        monkeypatch.setenv("MQTT_PASSWORD", "right-one")
        source = connect(f"mqtt://guard@127.0.0.1:{server.port}")
        send = partial(publish_soon, username="guard", password="right-one")
        async with aclosing(source.live()) as batches, anyio.create_task_group() as group:
            group.start_soon(send, server, "promptuary", [news({"id": "a"})])
            assert (await anext(batches)).rows
    finally:
        server.close()


@pytest.mark.parametrize(
    "url",
    ["mqtt:", "mqtt://", "mqtt://h:x", "mqtt://h/topic", "mqtt://h?qos=3", "mqtt://h?qos=a",
     "mqtt://h?topic=", "mqtt://h?other=1"],
)  # fmt: skip
def test_what_is_no_broker_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)


def test_a_password_is_not_printed() -> None:
    assert "hunter2" not in repr(connect("mqtt://me:hunter2@host"))


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"1", b"[[]]", b"x" * (2 << 20), b"[" * 9_000, None]
)
def test_a_message_that_is_no_event_is_refused(payload: Any) -> None:
    with pytest.raises(InvalidInput):
        rows_of("frigate/events", payload)
