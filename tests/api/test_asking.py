"""Asking over HTTP: answers, refusals, streams, and what older clients read."""

from __future__ import annotations

import json

import pytest

from promptuary.domain.documents import GivenText

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
