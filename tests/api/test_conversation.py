"""Events and conversations over HTTP, as a client meets them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from promptuary.api.logs import logger_for
from promptuary.api.server import create_app

from .sites import Site, serving

pytestmark = pytest.mark.anyio

EVENTS = [
    {
        "event_id": f"e{n}", "camera_id": "gate" if n < 3 else "vault", "label": "person",
        "timestamp": f"2025-05-1{n}T10:00:00Z", "description": "a person in red",
    }
    for n in range(5)
]  # fmt: skip
WHOLE = "How many people on 10 May 2025?"


@pytest.fixture(scope="module")
async def cameras(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serving(tmp_path_factory.mktemp("cameras")) as opened:
        sent = await opened.client.post("/api/v1/events", json={"events": EVENTS})
        assert sent.status_code == 202
        assert sent.json()["new"] == 5
        yield opened


async def asked(site: Site, query: str, **more: Any) -> Any:
    said = await site.client.post("/api/v1/conversation", json={"query": query, **more})
    assert said.status_code == 200, said.text
    return said.json()


async def test_an_answer_has_every_member_that_older_clients_read(cameras: Site) -> None:
    said = await asked(cameras, WHOLE)
    assert (said["value"], said["response_type"]) == (1, "answer")
    (evidence,) = said["evidence"]
    assert evidence["details"] == evidence["description"] == "a person in red"
    assert said["metadata"]["total_events_found"] == 1
    assert said["clip_links"] == []
    assert 0 < said["confidence_score"] <= 1


async def test_a_conversation_goes_on_is_read_again_and_deleted(cameras: Site) -> None:
    thread = (await asked(cameras, WHOLE))["conversation_id"]
    said = await asked(cameras, "and on 14 May 2025?", conversation_id=thread)
    assert said["value"] == 1
    for path in (f"/api/v1/conversation/{thread}/history", f"/api/v1/history/{thread}"):
        found = (await cameras.client.get(path)).json()
        assert [each["role"] for each in found["messages"]] == ["user", "assistant"] * 2
        assert found["total_messages"] == 4
    gone = await cameras.client.delete(f"/api/v1/conversation/{thread}")
    assert gone.json()["conversation_id"] == thread
    again = await cameras.client.delete(f"/api/v1/conversation/{thread}")
    assert again.status_code == 404


async def test_a_refusal_is_an_answer_that_says_so(cameras: Site) -> None:
    said = await asked(cameras, "Why did the person leave?")
    assert said["response_type"] == "clarification"
    assert said["metadata"]["refused"] is True


async def test_lines_are_taken_and_bad_ones_named(cameras: Site) -> None:
    body = "\n".join([json.dumps(EVENTS[0]), "{", json.dumps({"event_id": "x"})])
    headers = {"Content-Type": "application/x-ndjson"}
    sent = await cameras.client.post("/api/v1/events", content=body, headers=headers)
    done = sent.json()
    assert (done["unchanged"], [each["position"] for each in done["rejected"]]) == (1, [2, 3])


async def test_one_event_that_cannot_be_is_refused(cameras: Site) -> None:
    sent = await cameras.client.post("/api/v1/events", json={**EVENTS[0], "confidence": 7})
    assert sent.status_code == 422


async def test_evidence_comes_before_text_and_a_stream_resumes(cameras: Site) -> None:
    said = await cameras.client.post(
        "/api/v1/conversation", json={"query": WHOLE}, headers={"Accept": "text/event-stream"}
    )
    names = [line[7:] for line in said.text.splitlines() if line.startswith("event: ")]
    assert names.index("STATE_SNAPSHOT") < names.index("TEXT_MESSAGE_CONTENT")
    assert (names[0], names[-1]) == ("RUN_STARTED", "RUN_FINISHED")
    numbers = [line[4:] for line in said.text.splitlines() if line.startswith("id: ")]
    rest = await cameras.client.post(
        "/api/v1/conversation",
        json={"query": WHOLE, "stream": True},
        headers={"Last-Event-ID": numbers[2]},
    )
    assert [line[4:] for line in rest.text.splitlines() if line.startswith("id: ")] == numbers[3:]
    late = await cameras.client.post(
        "/api/v1/conversation",
        json={"query": WHOLE, "stream": True},
        headers={"Last-Event-ID": "nobody:1:2"},
    )
    assert late.status_code == 404
    for no_number in ("\u00b2", "9" * 5_000):
        strange = f"{numbers[2].rpartition(':')[0]}:{no_number}"
        again = await cameras.client.post(
            "/api/v1/conversation",
            json={"query": WHOLE, "stream": True},
            headers={"Last-Event-ID": strange.encode("latin-1")},
        )
        assert again.text.splitlines()[0] == f"id: {numbers[0]}"
    lines = await cameras.client.post(
        "/api/v1/conversation", json={"query": WHOLE}, headers={"Accept": "application/x-ndjson"}
    )
    assert json.loads(lines.text.splitlines()[-1])["result"]["value"] == 1


@pytest.mark.parametrize("path", ["prompt", "conversation/query", "enhanced-prompt/conversation"])
async def test_older_paths_answer_too(cameras: Site, path: str) -> None:
    said = await cameras.client.post(f"/api/v1/{path}", json={"query": WHOLE})
    assert said.json()["value"] == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"query": ""}, {"query": "x", "limit": 51}, {"query": "x", "conversation_id": "a/b"}],
)
async def test_what_is_malformed_is_refused(cameras: Site, body: Any) -> None:
    assert (await cameras.client.post("/api/v1/conversation", json=body)).status_code == 422


@pytest.mark.slow
async def test_a_key_sees_its_cameras_and_its_conversations_only(tmp_path: Path) -> None:
    async with serving(tmp_path / "home") as opened:
        await opened.client.post("/api/v1/events", json={"events": EVENTS})
        scopes = ("conversation:read", "conversation:write")
        key, secret = await opened.promptuary.create_key("guard", scopes)
        all_seeing, whole_secret = await opened.promptuary.create_key("head", scopes)
        whole = {"X-API-Key": whole_secret}
        unnamed = await opened.key(*scopes, "events:write")
    access = (f"{key.id}=gate", f"{all_seeing.id}=*")
    async with serving(tmp_path / "home", camera_access=access) as opened:
        path, guard = "/api/v1/conversation", {"X-API-Key": secret}
        mine = await opened.client.post(path, json={"query": WHOLE}, headers=whole)
        thread = mine.json()["conversation_id"]
        query = {"query": "how many people at the vault on 13 May 2025?"}
        assert (await opened.client.post(path, json=query, headers=whole)).json()["value"] == 1
        said = (await opened.client.post(path, json=query, headers=guard)).json()
        assert said["metadata"]["reason"] == "unknown_name"
        assert "vault" not in json.dumps(said["metadata"]).casefold()
        query = {"query": "which camera saw the most people in May 2025?"}
        said = (await opened.client.post(path, json=query, headers=guard)).json()
        assert (said["value"], [each["name"] for each in said["breakdown"]]) == ("gate", ["gate"])
        for foreign in (
            await opened.client.get(f"{path}/{thread}/history", headers=guard),
            await opened.client.delete(f"{path}/{thread}", headers=guard),
            await opened.client.post(
                path, json={"query": "and today?", "conversation_id": thread}, headers=guard
            ),
        ):
            assert foreign.status_code == 404
        refused = await opened.client.post("/api/v1/events", json=EVENTS[0], headers=guard)
        assert refused.status_code == 403
        said = (await opened.client.post(path, json=query, headers=unnamed)).json()
        assert (said["value"], said["breakdown"], said["evidence"]) == (None, [], [])
        taken = await opened.client.post("/api/v1/events", json=EVENTS[0], headers=unnamed)
        assert taken.status_code == 422


async def test_events_are_searched_by_what_was_described(cameras: Site) -> None:
    said = await cameras.client.get("/api/v1/events/search", params={"q": "red", "limit": 2})
    assert [each["details"] for each in said.json()["found"]] == ["a person in red"] * 2
    empty = await cameras.client.get("/api/v1/events/search", params={"q": " "})
    assert empty.status_code == 422


async def test_a_site_says_how_much_an_answer_and_a_history_show(cameras: Site) -> None:
    wished: dict[str, object] = {"evidence_limit": 2, "evidence_most": 3, "history_messages": 1}
    wished |= {"service_version": "2.1", "rate_limit_enabled": False}
    settings = cameras.promptuary.settings.model_copy(update=wished)
    app = create_app(cameras.promptuary, settings, log=logger_for(settings, cameras.written))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        site = replace(cameras, app=app, client=client)
        for limit, shown in (({}, 2), ({"limit": 5}, 3)):
            said = await asked(site, "how many people?", **limit)
            assert (said["value"], len(said["evidence"])) == (5, shown)
        path = f"/api/v1/conversation/{said['conversation_id']}/history"
        assert len((await client.get(path)).json()["messages"]) == 1
        assert (await client.get("/health")).json()["version"] == "2.1"
