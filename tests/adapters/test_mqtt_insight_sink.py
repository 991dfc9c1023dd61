"""Insights to a real broker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import aiomqtt
import anyio
import pytest

import servers
from promptuary.adapters.insight_sinks.mqtt import MqttInsightSink, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.testing.insight_sink import InsightSinkContract, ToldSoFar

LAST = b"no more"
"""What the broker has acknowledged before this comes before it."""


class TestMqttInsightSink(InsightSinkContract):
    @pytest.fixture
    def topic(self) -> str:
        return f"insights/{uuid4().hex}"

    @pytest.fixture
    def sink(self, mosquitto_server: servers.Server, topic: str) -> MqttInsightSink:
        return connect(f"mqtt://127.0.0.1:{mosquitto_server.port}?topic={topic}")

    @pytest.fixture
    async def told(self, mosquitto_server: servers.Server, topic: str) -> AsyncIterator[ToldSoFar]:
        async with aiomqtt.Client("127.0.0.1", mosquitto_server.port) as client:
            await client.subscribe(topic, qos=1)

            async def told():
                await client.publish(topic, LAST, qos=1)
                got: list[bytes] = []
                with anyio.fail_after(60):
                    while (said := (await anext(client.messages)).payload) != LAST:
                        got.append(said)
                return [json.loads(each) for each in got]

            yield told


@pytest.mark.anyio
async def test_a_broker_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await connect("mqtt://127.0.0.1:9").tell("a", {})


@pytest.mark.parametrize(
    "url", ["mqtt:", "mqtt://h?topic=", "mqtt://h?topic=a/%23", "mqtt://h?x=1", "mqtt://h:x"]
)
def test_what_is_no_broker_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)
