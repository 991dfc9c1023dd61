"""Many prompts over HTTP: JSON and NDJSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from promptuary.api import intake

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/prompts/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*rows: object) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


async def test_a_batch_is_taken_and_a_job_will_place_it(shared_site):
    answer = await shared_site.client.post(
        URL, json={"batch_id": "b1", "prompts": ["One.", {"content": "Two."}, "One."]}
    )
    body = answer.json()
    assert answer.status_code == 202
    assert (body["batch_id"], body["accepted"], body["duplicates"]) == ("b1", 2, 1)
    assert body["rejected"] == []
    assert (await shared_site.client.get(f"/api/v1/jobs/{body['job_id']}")).status_code == 200


async def test_wrong_items_are_named_by_position_and_the_rest_is_taken(shared_site):
    prompts = ["Good one.", {"text": 7}, None, {"content": "Also good."}, 5, ""]
    body = (await shared_site.client.post(URL, json={"prompts": prompts})).json()
    assert body["accepted"] == 2
    assert [item["position"] for item in body["rejected"]] == [2, 3, 5, 6]
    assert {item["code"] for item in body["rejected"]} == {"INVALID_INPUT"}


async def test_a_malformed_line_is_named_by_its_number_and_the_rest_is_taken(shared_site):
    body = b'{"content":"a b"}\n\n{"content": broken\n"c d"\r\n{"text":"e f"}'
    answer = (await shared_site.client.post(URL, content=body, headers=NDJSON)).json()
    assert answer["accepted"] == 3
    assert [(item["position"], item["code"]) for item in answer["rejected"]] == [
        (3, "MALFORMED_JSON")
    ]


async def test_a_refused_line_keeps_its_number_and_its_prompt(shared_site):
    body = lines("Fine.", "Charge 4111 1111 1111 1111")
    answer = (await shared_site.client.post(URL, content=body, headers=NDJSON)).json()
    (refused,) = answer["rejected"]
    assert (refused["position"], refused["code"]) == (2, "MODERATION_REFUSED")
    assert (
        await shared_site.client.get(f"/api/v1/prompts/{refused['prompt_id']}")
    ).status_code == 200


async def test_the_same_batch_again_changes_nothing(site):
    body = lines(*(f"Prompt number {n}" for n in range(5)), "Prompt number 1")
    url = f"{URL}?batch_id=night"
    await site.client.post(url, content=body, headers=NDJSON)
    before = (await site.client.get("/api/v1/prompts")).json()
    again = (await site.client.post(url, content=body, headers=NDJSON)).json()
    assert again["accepted"] == 0
    assert (await site.client.get("/api/v1/prompts")).json() == before


async def test_lines_are_handed_on_in_chunks_while_they_arrive(site, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 3)
    seen = []

    async def slowly() -> AsyncIterator[bytes]:
        for number in range(10):
            seen.append((await site.promptuary.prompts(limit=1)).total)
            yield json.dumps(f"Line {number}").encode() + b"\n"

    answer = await site.client.post(URL, content=slowly(), headers=NDJSON)
    assert answer.json()["accepted"] == 10
    assert seen[-1] >= 6


@pytest.mark.slow
async def test_a_batch_of_many_chunks_again_changes_nothing_either(site, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 3)
    body = lines("Ada", "Bea", "Cid", "Dov", "Eve", "Fay", "Dov")
    url = f"{URL}?batch_id=night"
    await site.client.post(url, content=body, headers=NDJSON)
    counts = {p.text: p.count for p in (await site.promptuary.prompts()).items}
    await site.client.post(url, content=body, headers=NDJSON)
    assert counts == {"Ada": 1, "Bea": 1, "Cid": 1, "Dov": 2, "Eve": 1, "Fay": 1}
    assert {p.text: p.count for p in (await site.promptuary.prompts()).items} == counts


async def test_a_batch_of_many_chunks_is_the_same_batch_by_every_way(site, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 3)
    texts = ["Ada", "Bea", "Cid", "Dov", "Eve", "Fay", "Dov"]
    await site.client.post(f"{URL}?batch_id=night", content=lines(*texts), headers=NDJSON)
    report = await site.promptuary.ingest(texts, batch_id="night", place=False)
    assert (report.accepted, report.duplicates) == (0, 7)
    counts = {p.text: p.count for p in (await site.promptuary.prompts()).items}
    assert counts == {"Ada": 1, "Bea": 1, "Cid": 1, "Dov": 2, "Eve": 1, "Fay": 1}


async def test_positions_are_right_after_the_first_chunk(shared_site, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 3)
    body = lines(*(f"Line {number}" for number in range(7)), {"content": 1}, "Line 9")
    answer = (await shared_site.client.post(URL, content=body, headers=NDJSON)).json()
    assert [item["position"] for item in answer["rejected"]] == [8]
    assert answer["accepted"] == 8


async def test_a_line_over_the_limit_is_named_and_skipped(shared_site):
    body = b'"short"\n"' + b"x" * (11 * 1024 * 1024) + b'"\n"short too"'
    answer = (await shared_site.client.post(URL, content=body, headers=NDJSON)).json()
    assert [(item["position"], item["code"]) for item in answer["rejected"]] == [(2, "TOO_LARGE")]
    assert answer["accepted"] == 2


async def test_a_stream_may_be_longer_than_the_limit_of_a_body(tmp_path):
    body = lines(*(f"Prompt {number} {'word ' * 50}" for number in range(40)))
    async with serving(tmp_path, max_request_bytes=1024) as small:
        answer = await small.client.post(URL, content=body, headers=NDJSON)
        assert len(body) > 5 * 1024
        assert answer.json()["accepted"] == 40


async def test_an_empty_stream_is_an_empty_batch(shared_site):
    answer = await shared_site.client.post(URL, content=b"\n\n", headers=NDJSON)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 0
