"""Asking over HTTP: answers, refusals, streams, and what older clients read."""

from __future__ import annotations

import json

import pytest

from chats.keys import all_known
from promptuary.domain.documents import GivenText
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/ask"
TEXT = "The office opens at nine. Parcels are kept for ten days."
HARBOUR = GivenText("harbour.md", TEXT, "Harbour")
KEPT = {"question": "How long are parcels kept?"}
LLAMAS = {"question": "How are llamas shorn in Bolivia?"}


@pytest.fixture
async def shelf(site):
    await site.promptuary.add_documents([HARBOUR])
    return site


async def test_an_answer_has_the_place_of_its_quote(shelf):
    said = (await shelf.client.post(URL, json=KEPT)).json()
    (first, *_) = said["citations"]
    assert first["quote"] == HARBOUR.text[first["start"] : first["end"]]
    assert "Parcels are kept for ten days." in said["answer"]
    assert (said["refused"], said["refusal"]) == (False, None)
    assert said["sources"][0]["metadata"]["source"] == "harbour.md"
    assert said["chunks_used"] == len(said["sources"])
    assert said["provider_used"] == "extractive"


async def test_a_refusal_is_an_answer_too(shelf):
    answered = await shelf.client.post(URL, json=LLAMAS)
    assert answered.status_code == 200
    said = answered.json()
    assert said["refused"] is True
    assert said["refusal"]["reason"] == "low_confidence"
    assert said["refusal"]["missing"] == ["llamas", "shorn", "bolivia"]
    assert said["metadata"]["reason"] == "low_confidence"


async def test_a_stream_ends_with_the_whole(shelf):
    streamed = await shelf.client.post(URL, json={**KEPT, "stream": True})
    events = [event.split("\n") for event in streamed.text.strip().split("\n\n")]
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events] == ["event: text", "event: answer"]
    text, whole = (json.loads(data.removeprefix("data: ")) for _, data in events)
    assert text["text"] == whole["answer"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"question": ""},
        {"question": "why" * 400},
        {**KEPT, "max_chunks": 0},
        {**KEPT, "min_confidence": 2},
        {**KEPT, "where": "(("},
    ],
)
async def test_what_is_no_question_is_named_and_older_clients_read_400(shelf, wrong):
    new = await shelf.client.post(URL, json=wrong)
    old = await shelf.client.post("/query", json=wrong)
    assert (new.status_code, old.status_code) == (422, 400)
    assert new.json()["field_errors"] == old.json()["field_errors"] != {}
    streamed = await shelf.client.post(URL, json={**wrong, "stream": True})
    assert streamed.status_code == 422


async def test_older_clients_set_the_threshold_by_its_older_name(shelf):
    said = (await shelf.client.post("/query", json={**KEPT, "confidence_threshold": 1})).json()
    assert said["refused"] is True
    assert said["sources"]


async def test_what_a_question_costs_is_counted_for_the_tenant_of_its_key(tmp_path, monkeypatch):
    with FakeChatUpstream() as upstream:
        all_known(monkeypatch, upstream.address)
        told = {"chat_models": ("openai:gpt-4o-mini",), "chat_daily_requests": 1}
        async with serving(tmp_path, **told) as site:
            await site.promptuary.add_documents([HARBOUR])
            keys = {}
            for tenant in ("one", "two"):
                made = site.promptuary.create_key(tenant, ["ask"], tenant=tenant)
                keys[tenant] = {"X-API-Key": (await made)[1]}
            asked = site.client.post
            upstream.replies.append("Parcels are kept for ten days. [1]")
            first = await asked(URL, json=KEPT, headers=keys["one"])
            spent = await asked("/query", json=KEPT, headers=keys["one"])
            batch = {"questions": [KEPT["question"]]}
            also = await asked("/api/v1/batch/ask", json=batch, headers=keys["one"])
            upstream.replies.append("Parcels are kept for ten days. [1]")
            other = await asked(URL, json={**KEPT, "stream": True}, headers=keys["two"])
    assert first.status_code == 200
    assert first.json()["usage"]["prompt_tokens"] > 0
    assert spent.json()["usage"] is None
    assert also.json()["results"][0]["usage"] is None
    assert '"prompt_tokens"' in other.text


async def test_a_key_that_may_ask_opens_answers_and_nothing_else(shelf):
    ask = await shelf.key("ask")
    assert (await shelf.client.post(URL, json=KEPT, headers=ask)).status_code == 200
    for path in ("/api/v1/documents", "/api/v1/prompts", "/api/v1/search?q=parcels"):
        assert (await shelf.client.get(path, headers=ask)).status_code == 403
    reads = await shelf.key("documents:read")
    assert (await shelf.client.post(URL, json=KEPT, headers=reads)).status_code == 403


async def test_a_search_looks_only_at_what_the_key_may_see(shelf):
    prompts, passages = await shelf.key("prompts:read"), await shelf.key("documents:read")
    search = "/api/v1/search"
    found = (await shelf.client.get(search, params={"q": "parcels"}, headers=passages)).json()
    assert {hit["kind"] for hit in found["hits"]} == {"passage"}
    for key, kind in ((prompts, "passage"), (passages, "prompt")):
        asked = {"query": "parcels", "kinds": [kind]}
        assert (await shelf.client.post(search, json=asked, headers=key)).status_code == 403
    older = {"query": "parcels", "k": 3}
    assert (await shelf.client.post(search, json=older, headers=prompts)).status_code == 403
    either = (await shelf.client.post(search, json={"query": "parcels"}, headers=prompts)).json()
    assert either["results"] == []
    either = (await shelf.client.post(search, json={"query": "parcels"}, headers=passages)).json()
    assert either["results"]
