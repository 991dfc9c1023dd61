"""Answers over events worded through the real Portkey gateway, by one that lies and fails.

The upstream is a fake that says what it is told; the gateway, the server and the client are real.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import servers
from api.sites import Site, serving
from chats.keys import all_known
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.server]
QUERY = "How many people at the gate on 10 May 2025?"
SEEN = {"camera_id": "gate", "label": "person"}
EVENTS = [{**SEEN, "event_id": f"e{n}", "timestamp": f"2025-05-10T0{n}:00Z"} for n in range(1, 8)]
TRUE = "Seven people were at the gate on 10 May 2025."


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        yield fake


@pytest.fixture
async def site(
    request: pytest.FixtureRequest,
    portkey_server: servers.Server,
    upstream: FakeChatUpstream,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Site]:
    all_known(monkeypatch, upstream.address)
    monkeypatch.delenv("PORTKEY_API_KEY")
    monkeypatch.setenv("PORTKEY_BASE_URL", f"http://127.0.0.1:{portkey_server.port}/v1")
    monkeypatch.setenv("PORTKEY_CUSTOM_HOST", upstream.url)
    upstream.faults.clear()
    upstream.replies.clear()
    silent = "hang" in request.node.name  # the others must not be given up on a busy machine
    chat = {"chat_models": ("portkey:@openai/small",), "chat_seconds": 4 if silent else 60}
    async with serving(tmp_path, chat_attempts=1, **chat) as opened:
        await opened.client.post("/api/v1/events", json={"events": EVENTS})
        yield opened


async def streamed(site: Site) -> list[dict[str, Any]]:
    headers = {"Accept": "application/x-ndjson"}
    said = await site.client.post("/api/v1/conversation", json={"query": QUERY}, headers=headers)
    assert said.status_code == 200
    return [json.loads(line) for line in said.text.splitlines()]


async def test_true_words_come_after_the_evidence(site: Site, upstream: FakeChatUpstream) -> None:
    upstream.replies.append(TRUE)
    parts = await streamed(site)
    kinds = [each["type"] for each in parts]
    assert kinds.index("STATE_SNAPSHOT") < kinds.index("TEXT_MESSAGE_START")
    result = parts[-1]["result"]
    assert (result["response"], result["value"]) == (TRUE, 7)
    assert result["metadata"]["model"].endswith("small")
    thread = result["conversation_id"]
    history = (await site.client.get(f"/api/v1/conversation/{thread}/history")).json()
    assert history["messages"][-1]["content"] == TRUE


@pytest.mark.parametrize(
    "said",
    [
        "Eight people were at the gate on 10 May 2025.",
        "Seven people were at the vault on 10 May 2025.",
        "Seven people were at the gate on 11 May 2025.",
        "The last of seven people was at the gate at 09:00.",
    ],
)
async def test_a_lie_does_not_come_out(site: Site, upstream: FakeChatUpstream, said: str) -> None:
    upstream.replies.append(said)
    parts = await streamed(site)
    result = parts[-1]["result"]
    assert result["response"].startswith("7 people at Gate")
    assert result["metadata"]["unworded"].startswith("not so")
    assert said not in json.dumps(parts)


@pytest.mark.parametrize("fault", ["500", "429", "hang", "cut", "close", "null", "html", "empty"])
async def test_a_model_that_fails_leaves_the_whole_answer_in_the_same_stream(
    site: Site, upstream: FakeChatUpstream, fault: str
) -> None:
    upstream.faults.append(fault)
    parts = await streamed(site)
    assert parts[-1]["type"] == "RUN_FINISHED"
    result = parts[-1]["result"]
    assert (result["value"], len(result["evidence"])) == (7, 5)
    assert result["response"].startswith("7 people at Gate")
    assert result["metadata"]["unworded"]
