"""Search over HTTP."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/search"


async def test_a_template_is_found_and_says_why(known_site):
    found = (
        await known_site.client.get(URL, params={"q": "translate", "kinds": "template"})
    ).json()
    assert found["hits"]
    assert {hit["kind"] for hit in found["hits"]} == {"template"}
    assert all(hit["reasons"] for hit in found["hits"])


async def test_asking_by_address_and_by_body_is_the_same(known_site):
    where = {"op": "not", "part": {"op": "exists", "field": "nothing"}}
    asked = {"kinds": ["template"], "mode": "words", "facets": ["kind"], "limit": 3}
    got = await known_site.client.get(
        URL, params={"q": "ticket", "where": json.dumps(where), **asked}
    )
    posted = await known_site.client.post(URL, json={"query": "ticket", "where": where, **asked})
    assert got.status_code == posted.status_code == 200
    assert got.json() == posted.json()
    assert got.json()["hits"]
    assert "dur=" in got.headers["Server-Timing"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("size >= 3", {"op": "between", "field": "size", "low": 3}),
        (
            "kind = template and not exists(merged_into)",
            {
                "op": "all_of",
                "parts": [
                    {"op": "eq", "field": "kind", "value": "template"},
                    {"op": "not", "part": {"op": "exists", "field": "merged_into"}},
                ],
            },
        ),
    ],
)
async def test_a_filter_as_text_is_the_same_as_in_json(known_site, text, same):
    by_json = await known_site.client.post(URL, json={"query": "ticket", "where": same})
    posted = await known_site.client.post(URL, json={"query": "ticket", "where": text})
    got = await known_site.client.get(URL, params={"q": "ticket", "where": text})
    alone = await known_site.client.get(URL, params={"q": "ticket"})
    assert by_json.json()["hits"]
    assert by_json.json() == posted.json() == got.json() != alone.json()


async def test_pages_of_hits_do_not_repeat(known_site):
    query = {"q": "translate text", "kinds": "prompt", "limit": 4}
    one = (await known_site.client.get(URL, params=query)).json()
    two = (await known_site.client.get(URL, params={**query, "cursor": one["next_cursor"]})).json()
    assert two["hits"]
    assert {hit["id"] for hit in one["hits"]}.isdisjoint(hit["id"] for hit in two["hits"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": ""},
        {"query": "a", "limit": 0},
        {"query": "a", "limit": 10**30},
        {"query": "a", "mode": "magic"},
        {"query": "a", "kinds": []},
        {"query": "a", "lmit": 3},
        {"query": "a", "cursor": "made-up"},
        {"query": "a\x00b"},
        {"query": "a", "where": 3},
        {"query": "a", "where": {"op": "eq", "field": "f", "value": [1]}},
        {"query": "a", "where": {"op": "between", "field": "f", "low": "x"}},
        {"query": "a", "where": {"op": "any_of", "parts": [{"op": "exists", "field": "f"}] * 65}},
    ],
)
async def test_a_wrong_search_is_refused_with_its_field(known_site, wrong):
    answer = await known_site.client.post(URL, json=wrong)
    assert answer.status_code == 422
    assert answer.json()["field_errors"]


async def test_a_filter_with_too_many_conditions_is_refused(known_site):
    leaf = {"op": "exists", "field": "f"}
    wide = {"op": "all_of", "parts": [{"op": "any_of", "parts": [leaf] * 60}] * 10}
    for where in (wide, " or ".join(["f = 1"] * 300)):
        answer = await known_site.client.post(URL, json={"query": "a", "where": where})
        assert answer.status_code == 422
        assert answer.json()["field_errors"] == {"where": ["has over 256 conditions"]}


async def test_a_filter_that_cannot_be_read_says_where(known_site):
    got = await known_site.client.get(URL, params={"q": "a", "where": "size >= big"})
    posted = await known_site.client.post(URL, json={"query": "a", "where": "size >= big"})
    for answer in (got, posted):
        assert answer.status_code == 422
        assert answer.json()["field_errors"]["where"][0].startswith("at character 9: ")


async def test_a_filter_that_is_no_json_is_refused(known_site):
    answer = await known_site.client.get(URL, params={"q": "a", "where": "{"})
    assert answer.json()["code"] == "MALFORMED_JSON"
