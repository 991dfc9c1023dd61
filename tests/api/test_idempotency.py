"""However often a request is sent, it happens once."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request

from promptuary.api.idempotency import payload_digest, storage_key
from promptuary.api.keys import Caller

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/prompts"


async def test_fifty_at_once_have_one_effect_and_one_answer(site):
    async def send():
        return await site.client.post(
            URL, json={"content": "Once only."}, headers={"Idempotency-Key": "k1"}
        )

    answers = await asyncio.gather(*(send() for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 49
    prompts = (await site.client.get(URL)).json()["prompts"]
    assert [(prompt["content"], prompt["count"]) for prompt in prompts] == [("Once only.", 1)]


async def test_another_payload_under_the_same_key_is_refused(site):
    headers = {"Idempotency-Key": "k1"}
    await site.client.post(URL, json={"content": "First."}, headers=headers)
    answer = await site.client.post(URL, json={"content": "Second."}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    assert (await site.client.get(URL)).json()["total"] == 1


async def test_a_key_that_another_process_is_answering_is_in_flight(site):
    body = json.dumps({"content": "Slow."}).encode()
    headers = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    scope = {
        "type": "http", "method": "POST", "path": URL, "query_string": b"",
        "headers": [(b"idempotency-key", b"k1"), (b"host", b"localhost")],
        "state": {"caller": Caller("loopback", ())},
    }  # fmt: skip
    await site.promptuary.replies.begin(storage_key(Request(scope)), payload_digest(body))
    answer = await site.client.post(URL, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "REQUEST_IN_FLIGHT")
    assert answer.headers["Retry-After"]


async def test_a_request_that_failed_may_be_sent_again(site):
    headers = {"Idempotency-Key": "k1"}
    body = {"content": "Mine.", "id": "x"}
    await site.client.post(URL, json={"content": "Theirs.", "id": "x"})
    failed = await site.client.post(URL, json=body, headers=headers)
    assert failed.status_code == 409
    again = await site.client.post(URL, json={"content": "Mine.", "id": "y"}, headers=headers)
    assert again.status_code == 201


async def test_a_refusal_by_moderation_is_an_answer_and_is_replayed(site):
    headers = {"Idempotency-Key": "k1"}
    body = {"content": "Charge 4111 1111 1111 1111"}
    first = await site.client.post(URL, json=body, headers=headers)
    again = await site.client.post(URL, json=body, headers=headers)
    assert first.status_code == again.status_code == 400
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]


async def test_two_callers_may_use_the_same_key(site):
    one, two = await site.key("admin"), await site.key("admin")
    for caller, content in ((one, "First."), (two, "Second.")):
        answer = await site.client.post(
            URL, json={"content": content}, headers={"Idempotency-Key": "k1", **caller}
        )
        assert answer.status_code == 201


async def test_a_stream_is_answered_once_too(site):
    headers = {"Idempotency-Key": "k1", "Content-Type": "application/x-ndjson"}
    body = b'"One."\n"Two."'
    first = await site.client.post(f"{URL}/batch", content=body, headers=headers)
    again = await site.client.post(f"{URL}/batch", content=body, headers=headers)
    other = await site.client.post(f"{URL}/batch", content=body + b"\n3", headers=headers)
    assert first.status_code == 202
    assert again.content == first.content
    assert other.json()["code"] == "IDEMPOTENCY_MISMATCH"


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_of_the_wrong_length_is_refused(site, key):
    answer = await site.client.post(URL, json={"content": "Hm."}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["field_errors"]
