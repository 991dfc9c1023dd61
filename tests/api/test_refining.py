"""Refining over HTTP and from the command line."""

from __future__ import annotations

import httpx2
import pytest

from promptuary import AsyncRemoteClient
from promptuary.domain.library import PromptContent

from .sites import Site

NOTE = {"lazy_prompt": "tell [customer name] that 40 boxes ship on 5 May"}


@pytest.mark.anyio
async def test_a_note_comes_back_in_order_with_all_that_is_to_be_said(shared_site: Site) -> None:
    answer = await shared_site.client.post("/api/v1/refine", json=NOTE)
    body = answer.json()
    assert answer.status_code == 200
    assert "40 boxes ship on 5 May" in body["refined_prompt"]
    assert body["slots"][0]["name"] == "customer_name"
    assert body["questions"]
    assert body["lint"]
    assert set(body["topic_details"]) == set(body["detected_topics"])
    assert "## Key Topics" in body["prompt_file_content"]
    again = {"lazy_prompt": body["refined_prompt"]}
    twice = (await shared_site.client.post("/api/v1/refine", json=again)).json()
    assert twice["refined_prompt"] == body["refined_prompt"]
    assert twice["changed"] is False


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lazy_prompt": "  "}, 422),
        ({}, 422),
        ({**NOTE, "domain": "gardening"}, 422),
        ({**NOTE, "engine": "model"}, 422),
        ({"lazy_prompt": "x" * 200_001}, 422),
    ],
)
async def test_what_cannot_be_refined_is_a_problem(
    shared_site: Site, body: dict[str, str], status: int
) -> None:
    answer = await shared_site.client.post("/api/v1/refine", json=body)
    assert answer.status_code == status
    assert answer.json()["code"] in {"INVALID_INPUT", "UNSUPPORTED"}


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_well_rated_prompt_lends_its_role_and_says_so(site: Site) -> None:
    library = site.promptuary.library
    text = "You are a patient harbour pilot. Explain ebb and flood of tides. Never use jargon."
    await library.save("tides", PromptContent(text, syntax="plain"))
    for _ in range(5):
        await library.rate("tides", 5)
    note = {"lazy_prompt": "explain ebb and flood tides"}
    body = (await site.client.post("/api/v1/refine", json=note)).json()
    assert "patient harbour pilot" in body["refined_prompt"]
    assert {"kind": "prompt", "id": "tides@v1", "used": True, "section": "role"}.items() <= (
        body["provenance"][0].items()
    )
    assert "jargon" not in body["refined_prompt"]


@pytest.mark.slow
@pytest.mark.anyio
async def test_analytics_are_served_and_days_are_checked(site: Site) -> None:
    await site.promptuary.library.save("one", "Say what rhymes with sea.")
    await site.promptuary.library.rate("one", 5)
    path = "/api/v1/library/analytics"
    body = (await site.client.get(path, params={"group_by": "prompt"})).json()
    assert body["groups"][0]["key"] == "one"
    assert body["groups"][0]["effective"]["share"] == 1.0
    await site.client.get("/api/v1/library/prompts/one")
    await site.client.get("/api/v1/library/prompts/one", params={"count": "false"})
    await site.client.post("/api/v1/library/prompts/one/render", json={})
    by_user = (await site.client.get(path, params={"group_by": "user"})).json()["groups"]
    assert {each["key"]: each["uses"] for each in by_user} == {"loopback": 2, "unknown": 0}
    key = await site.key("library:write", "library:read")
    one = "/api/v1/library/prompts/one"
    await site.client.post(f"{one}/render", json={"user": "eve"}, headers=key)
    await site.client.post(f"{one}/ratings", json={"stars": 4, "author": "ada"}, headers=key)
    await site.client.post(f"{one}/render", json={}, headers=key)
    answer = await site.client.get(path, params={"group_by": "user"}, headers=key)
    by_user = answer.json()["groups"]
    called = {each["key"]: (each["uses"], each["ratings"]) for each in by_user}
    assert called.items() >= {"eve (test)": (1, 0), "ada (test)": (0, 1), "test": (1, 0)}.items()
    wrong = {"from": "2030-01-02", "to": "2030-01-01"}
    refused = await site.client.get(path, params=wrong, headers=key)
    assert refused.status_code == 422
    refused = await site.client.get(path, params={"group_by": "moon"}, headers=key)
    assert refused.status_code == 422


@pytest.mark.slow
@pytest.mark.anyio
async def test_recommendations_are_served_and_need_something_to_go_by(site: Site) -> None:
    await site.promptuary.library.save("sea", "Say what rhymes with sea.")
    path = "/api/v1/library/recommendations"
    body = (await site.client.post(path, json={"text": "say what rhymes with sea"})).json()
    assert body["prompts"][0]["slug"] == "sea"
    assert body["prompts"][0]["does_it"] is True
    assert (await site.client.post(path, json={})).status_code == 422


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_client_refines_and_is_recommended_to_as_the_library_does(site: Site) -> None:
    await site.promptuary.library.save("sea", "Say what rhymes with sea.")
    transport = httpx2.ASGITransport(site.app)
    async with AsyncRemoteClient("http://localhost", transport=transport) as client:
        refined = await client.library.refine("say what rhymes with tea")
        assert refined == await site.promptuary.library.refine("say what rhymes with tea")
        found = await client.library.recommend("say what rhymes with sea")
        assert found == await site.promptuary.library.recommend("say what rhymes with sea")
