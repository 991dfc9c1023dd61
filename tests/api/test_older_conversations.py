"""The client of the older conversation service, played call by call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from .running import running
from .sites import Site, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
NOW = datetime.now(UTC)
EVENTS = [
    {
        "event_id": f"e{n}", "camera_id": "gate", "label": "person", "confidence": 0.8,
        "timestamp": (NOW - timedelta(hours=1, minutes=n)).isoformat(),
        "description": "a person in red",
    }
    for n in range(3)
]  # fmt: skip
ASKED = {
    "query": "How many people in the last 2 hours?",
    "user_context": {"user_role": "guard", "timezone": "UTC", "dashboard_context": {"tab": 2}},
    "limit": 2,
}


@pytest.fixture(scope="module")
async def old(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serving(tmp_path_factory.mktemp("old")) as opened:
        sent = await opened.client.post("/api/v1/events", json={"events": EVENTS})
        assert sent.status_code == 202
        yield opened


async def asked(site: Site, **more: Any) -> Any:
    said = await site.client.post("/api/v1/prompt", json={**ASKED, **more})
    assert said.status_code == 200, said.text
    return said.json()


async def test_an_answer_has_every_field_of_the_older_one(old: Site) -> None:
    said = await asked(old)
    assert said.keys() >= {
        "conversation_id", "response", "follow_up_questions", "confidence_score", "response_type",
        "evidence", "clip_links", "clips", "metadata",
    }  # fmt: skip
    assert "3" in said["response"]
    assert len(said["evidence"]) == ASKED["limit"]
    assert said["evidence"][0].keys() >= {
        "event_id", "timestamp", "camera_id", "event_type", "confidence", "details", "description"
    }  # fmt: skip
    assert said["metadata"].keys() >= {
        "conversation_turns", "evidence_sources", "processing_time_ms", "search_time_ms",
        "llm_time_ms", "total_events_found", "conversation_length",
    }  # fmt: skip
    assert (said["metadata"]["total_events_found"], said["metadata"]["conversation_turns"]) == (
        3,
        1,
    )


@pytest.mark.parametrize("base", ["/api/v1", "/api/v1/enhanced-prompt"])
async def test_every_older_path_asks_reads_and_deletes(old: Site, base: str) -> None:
    for path in ("conversation", "conversation/query", "prompt"):
        said = await old.client.post(f"{base}/{path}", json=ASKED)
        assert said.json()["value"] == len(EVENTS)
    for path in ("conversation/{}/history", "history/{}"):
        thread = (await asked(old))["conversation_id"]
        found = (await old.client.get(f"{base}/{path.format(thread)}?limit=1")).json()
        assert found.keys() >= {"conversation_id", "messages", "created_at", "last_activity"}
        assert (len(found["messages"]), found["total_messages"]) == (1, 2)
        (message,) = found["messages"]
        assert message.keys() >= {"id", "role", "content", "timestamp", "metadata"}
        assert message["metadata"].keys() >= {"confidence", "evidence_count", "response_type"}
        gone = await old.client.delete(f"{base}/{path.format(thread).removesuffix('/history')}")
        assert gone.json().keys() >= {"message", "conversation_id"}
        assert (await old.client.get(f"{base}/{path.format(thread)}")).status_code == 404


async def test_insights_are_an_array_behind_every_older_path(old: Site) -> None:
    asked = {"time_range": "7d", "severity_threshold": "info", "include_predictions": "false"}
    for base in ("/api/v1", "/api/v1/enhanced-prompt"):
        assert (await old.client.get(f"{base}/proactive-insights", params=asked)).json() == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_path_without_its_version_is_sent_on_with_its_query(old: Site, method: str) -> None:
    sent_on = await old.client.request(method, "/api/history/a b/%0d%0ax?limit=2&skip=1")
    assert sent_on.status_code == 301
    assert sent_on.headers["location"] == "/api/v1/history/a%20b/%0D%0Ax?limit=2&skip=1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/conversation", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/", 404),
        ("PUT", "/api/v1/conversation", 405),
        ("GET", "/api/v1/enhanced-prompt/nowhere", 404),
        ("GET", "/api/v1/enhanced-prompt/../prompts/x", 404),
    ],
)
async def test_nothing_else_is_sent_on(old: Site, method: str, path: str, status: int) -> None:
    assert (await old.client.request(method, path)).status_code == status


async def test_a_proxied_path_asks_for_the_same_scope(tmp_path: Path) -> None:
    async with serving(tmp_path) as guarded:  # where there is a key, nobody is served without one
        headers = await guarded.key("conversation:read")
        for base in ("/api/v1", "/api/v1/enhanced-prompt"):
            refused = await guarded.client.post(f"{base}/prompt", json=ASKED, headers=headers)
            assert refused.status_code == 403
            told = refused.json()
            assert told["code"] == told["error_code"]
            assert told.keys() >= {"error", "detail", "timestamp", "path", "correlation_id"}


async def test_an_unknown_conversation_is_a_404(old: Site) -> None:
    unknown = {**ASKED, "conversation_id": "nobody-knows_it"}
    assert (await old.client.post("/api/v1/prompt", json=unknown)).status_code == 404
    assert (await old.client.delete("/api/v1/history/nobody")).status_code == 404


async def test_messages_that_were_noted_are_counted_one_by_one(old: Site) -> None:
    begun = await old.promptuary.conversation.begin(user="loopback")
    path = f"/api/v1/history/{begun.id}"
    assert (await old.client.get(path)).json()["total_messages"] == 0
    await old.promptuary.conversation.note(begun.id, "user", "Anybody?", user="loopback")
    assert (await old.client.get(path)).json()["total_messages"] == 1


async def test_a_socket_of_an_older_client_is_closed_with_its_own_code(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        async with connect(f"{server.url.replace('http', 'ws', 1)}/ws/conversation/7") as socket:
            with pytest.raises(ConnectionClosed):
                await socket.recv()
        assert socket.close_code == 3000
        assert "/api/v1/conversation" in (socket.close_reason or "")
        with pytest.raises(InvalidStatus):
            await connect(f"{server.url.replace('http', 'ws', 1)}/elsewhere").__aenter__()
    assert not any("Traceback" in line for line in server.written)
