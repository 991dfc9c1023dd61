"""Bodies and addresses made to break the server get a plain refusal."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from .sites import serving

pytestmark = pytest.mark.anyio
URL = "/api/v1/prompts"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"content":' * 50_000,
        b'{"content":"\\ud800"}',
        b'{"content":"\xff\xfe"}',
        b'{"content":"x","metadata":{"n":NaN}}',
        b'{"content":"x","metadata":{"n":1e999}}',
        b'{"content":"x","metadata":{"n":' + b"9" * 5_000 + b"}}",
        b'{"content":"x","metadata":{"n":{"deep":1}}}',
        b'{"content":"x","metadata":{"n":"\\u0000"}}',
        b'{"content":"x","source":"a\\nb"}',
        b'{"content":"x","id":""}',
        b'{"content":"x","collection":"\\u0000"}',
        b'{"content":"x","created_at":"0001-01-01T00:00:00+14:00"}',
        b'{"content":"x","created_at":1e300}',
        b'{"content":"x"} trailing',
    ],
)
@pytest.mark.parametrize("path", ["", "/batch"])
async def test_a_hostile_body_is_refused_and_not_repeated(shared_site, body, path):
    answer = await shared_site.client.post(URL + path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["field_errors"]
    assert len(answer.content) < 5_000


@pytest.mark.parametrize("text", ["a\x00b", "\u200b\u202ex\u2066", "\ufeffx", "👩‍👩‍👧" * 500])
async def test_strange_text_is_kept_or_refused_but_never_changed(shared_site, text):
    answer = await shared_site.client.post(URL, json={"content": text})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        kept = await shared_site.client.get(f"{URL}/{answer.json()['prompt_id']}")
        assert kept.json()["content"] == text


async def test_a_body_that_says_it_is_too_long_is_refused_unread(shared_site):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    headers = {**JSON, "Content-Length": str(11 * 1024 * 1024)}
    answer = await shared_site.client.post(URL, content=never(), headers=headers)
    assert answer.status_code == 413


async def test_a_body_that_grows_too_long_is_refused_on_the_way(shared_site):
    sent = 0

    async def growing() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 20 * 1024 * 1024:
            sent += 65_536
            yield b" " * 65_536

    answer = await shared_site.client.post(URL, content=growing(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")
    assert sent < 11 * 1024 * 1024


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/x-ndjson"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_a_body_of_another_type_is_refused(shared_site, headers):
    body = gzip.compress(b"{}") if "Content-Encoding" in headers else b'{"content":"x"}'
    answer = await shared_site.client.post(URL, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_type_may_name_its_charset(shared_site):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await shared_site.client.post(URL, content=b'{"content":"x y"}', headers=headers)
    assert answer.status_code == 201


async def test_metadata_has_a_bound(shared_site):
    many = {f"k{number}": number for number in range(65)}
    answer = await shared_site.client.post(URL, json={"content": "x", "metadata": many})
    assert "metadata" in answer.json()["field_errors"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=" + "9" * 400,
        "limit=NaN",
        "cursor=%00",
        "cursor=" + "x" * 3_000,
        "collection=%00",
        "collection=",
        "status=odd",
    ],
)
async def test_a_hostile_query_is_refused_with_its_name(shared_site, query):
    answer = await shared_site.client.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["field_errors"]


@pytest.mark.parametrize("page", ["0", "-1", "1000001", str(10**30), "1e3"])
async def test_a_page_without_bound_is_refused(shared_site, page):
    answer = await shared_site.client.get(f"/api/v1/clusters?page={page}")
    assert "page" in answer.json()["field_errors"]


async def test_deep_filters_are_refused_or_answered_but_never_crash(shared_site):
    where: dict = {"op": "exists", "field": "a"}
    for _ in range(150):
        where = {"op": "not", "part": where}
    body = json.dumps({"query": "x", "where": where}).encode()
    answer = await shared_site.client.post("/api/v1/search", content=body, headers=JSON)
    assert answer.status_code in (200, 422)


ODD = ("a\x00b", "\ud800", "\udfff\x00", "\ufdd00000", "'; --", "é" * 300)


@pytest.mark.slow
async def test_odd_characters_in_filters_and_ids_are_no_error_of_postgresql(
    tmp_path, postgresql_url
):
    async with serving(tmp_path, database_url=postgresql_url) as site:
        await site.client.post("/api/v1/prompts", json={"content": "Something to find."})
        answers = []
        for odd in ODD:
            quoted = json.dumps(odd)
            for field in ("family", "collection", "lineage", "source", "kind"):
                body = {"query": "find", "where": f"not {field} in ({quoted}, 'x')"}
                answers.append(await site.client.post("/api/v1/search", json=body))
                where = {"where": f"{field} = {quoted}", "q": "find"}
                answers.append(await site.client.get("/api/v1/search", params=where))
            for path in ("prompts", "families", "clusters", "jobs", "templates"):
                unsafe = quote(odd.encode("utf-8", "surrogatepass"), safe="")
                answers.append(await site.client.get(f"/api/v1/{path}/{unsafe}"))
                answers.append(await site.client.get(f"/api/v1/{path}?collection={unsafe}"))
    assert {answer.status_code for answer in answers} <= {200, 404, 422}
    assert all("code" in each.json() for each in answers if each.status_code != 200)
