"""Answered turns go out: to whoever is named, at least once, and never what was deleted."""

from __future__ import annotations

import asyncio
import hmac
import json
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from uuid import uuid4

import aiomqtt
import httpx2
import pytest

import servers
from conversation.guarded import HARBOUR, NOW, event
from promptuary.adapters.insight_sinks.mqtt import connect
from promptuary.api.telling import hand_on
from promptuary.conversation.face import Conversing
from promptuary.conversation.handing_on import LEFT_ALONE, Handing, let_go
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.outside import Outside
from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.ports.insight_sink import InsightSink
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.insight_sink import FakeInsightSink
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json, refused
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.working import Worker

from .running import running

pytestmark = pytest.mark.anyio
ASKED = "How many cars at the West Gate today?"
SECRET = "a-shared-secret"


class Site:
    """A record with two cars, whose turns are told."""

    def __init__(self) -> None:
        self.record = MemoryUnitOfWork()
        outside = Outside(handing=Handing(("turn x",)))
        self.face = Conversing(
            self.record, HandClock(NOW), "Europe/Lisbon", timedelta(days=7), Calendar(), outside
        )
        self.failed: list[str] = []

    async def open(self) -> Site:
        """With what was seen."""
        await self.face.describe_cameras(HARBOUR.cameras)
        await self.face.add_events([event(1), event(2, description="a red van")])
        return self

    async def tell(self, sink: InsightSink) -> None:
        """Everything that is due."""
        handler = partial(hand_on, self.face, sink, "guard", failed=self.failed.append)
        worker = Worker(self.record, 60)
        await worker.run({"turn x": handler}, once=True, forget=True)

    async def states(self) -> list[str]:
        """What became of the jobs."""
        async with self.record.read() as tx:
            return [each.state for each in (await tx.jobs.list()).items]


async def test_a_turn_is_told_with_its_question_answer_and_evidence() -> None:
    site, sink = await Site().open(), FakeInsightSink()
    turn = await site.face.converse(ASKED, user="ada")
    await site.face.converse("why is it raining?", conversation_id=turn.conversation.id, user="ada")
    await site.tell(sink)
    answered, unclear = sink.told
    assert answered["service_name"] == "guard"
    assert (answered["user_id"], answered["query"], answered["conversation_turn"]) == (
        "ada", ASKED, 1,
    )  # fmt: skip
    assert (answered["conversation_id"], answered["response"]) == (
        turn.conversation.id, turn.reply.text,
    )  # fmt: skip
    assert answered["response_type"] == "answer"
    assert answered["confidence_score"] == turn.reply.confidence
    assert answered["evidence_count"] == len(answered["evidence"]) == 2
    assert {each["details"] for each in answered["evidence"]} == {"car", "a red van"}
    assert answered["follow_up_questions"] == list(turn.reply.follow_ups) != []
    assert (unclear["response_type"], unclear["conversation_turn"]) == ("clarification", 2)
    assert await site.states() == []


async def test_what_was_deleted_before_it_was_told_is_not_told() -> None:
    site, sink = await Site().open(), FakeInsightSink()
    turn = await site.face.converse(ASKED, user="ada")
    await site.face.converse(ASKED, user="bo")
    await site.face.remove_events(["e2"])
    await site.face.delete(turn.conversation.id, user="ada")
    await site.tell(sink)
    (told,) = sink.told
    assert (told["user_id"], [each["event_id"] for each in told["evidence"]]) == ("bo", ["e1"])


async def test_a_sink_that_is_away_is_waited_for_and_a_refusal_is_kept() -> None:
    site, sink = await Site().open(), FakeInsightSink()
    for _ in range(2):
        await site.face.converse(ASKED)
    sink.failing = [Unavailable("away"), InvalidInput("malformed")]
    await site.tell(sink)
    assert sorted(await site.states()) == ["failed", "waiting"]
    assert site.failed == ["away", "malformed"]


async def test_what_waits_for_a_sink_that_is_named_no_more_is_given_up_with_the_reason() -> None:
    site = await Site().open()
    for _ in range(3):
        await site.face.converse(ASKED)
    async with site.record.begin() as tx:
        young, old, _ = (await tx.jobs.list()).items
        ours = await tx.jobs.defer("ingest", {})
    soon = old.created_at + LEFT_ALONE
    assert await let_go(site.face, ["turn x"], soon + LEFT_ALONE) == 0
    assert await let_go(site.face, ["turn y"], soon - timedelta(minutes=1)) == 0
    assert await let_go(site.face, ["turn y"], soon) == 2
    async with site.record.read() as tx:
        failed = (await tx.jobs.list(state="failed")).items
        waiting = {each.id for each in (await tx.jobs.list(state="waiting")).items}
    assert all("turn_sinks" in (each.error or "") for each in failed)
    assert waiting == {young.id, ours}
    async with site.record.begin() as tx:
        await tx.jobs.again(old.id)
    sink = FakeInsightSink()
    await site.tell(sink)
    assert len(sink.told) == 2, "named again"


async def test_a_broker_gets_a_turn(mosquitto_server: servers.Server) -> None:
    site, topic = await Site().open(), f"turns/{uuid4().hex}"
    await site.face.converse(ASKED)
    async with aiomqtt.Client("127.0.0.1", mosquitto_server.port) as client:
        await client.subscribe(topic, qos=1)
        await site.tell(connect(f"mqtt://127.0.0.1:{mosquitto_server.port}?topic={topic}"))
        async with asyncio.timeout(30):
            told = json.loads((await anext(client.messages)).payload)
    assert told["query"] == ASKED


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_turn_outlives_a_sink_that_is_away_and_the_death_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHT_WEBHOOK_SECRET", SECRET)
    seen = {"camera_id": "gate", "label": "car", "timestamp": "2025-05-10T10:00:00Z"}
    arrived: SimpleQueue[Received] = SimpleQueue()

    def answer(received: Received, fault: str) -> Answered:
        arrived.put(received)
        return refused(503) if fault else as_json({"ok": True})

    with FakeServer(answer) as hook:
        hook.faults.append("away")
        told = {"turn_sinks": f"{hook.address}/turns", "worker_lease_seconds": 1}
        with running(tmp_path, **told) as server:
            async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
                await client.post("/api/v1/events", json={**seen, "event_id": "1"})
                asked = {"query": "How many cars on 10 May 2025?"}
                answered = (await client.post("/api/v1/conversation", json=asked)).json()
                await asyncio.to_thread(arrived.get, timeout=300)
            server.process.kill()
            server.process.wait()
        with running(tmp_path, **told):
            last = await asyncio.to_thread(arrived.get, timeout=300)
    assert last.body["response"] == answered["response"]
    assert last.headers["x-promptuary-id"] == last.body["metadata"]["message_id"]
    at, _, seal = last.headers["x-promptuary-signature"].partition(",")
    body = json.dumps(dict(last.body), separators=(",", ":")).encode()
    signed = hmac.new(SECRET.encode(), f"{at[2:]}.".encode() + body, sha256).hexdigest()
    assert seal == f"v1={signed}"
