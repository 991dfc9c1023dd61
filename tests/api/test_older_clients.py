"""The client of the older question service, played call by call."""

from __future__ import annotations

import pytest

from promptuary.domain.documents import GivenText

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PARCELS = GivenText("https://docs.example.org/parcels", "Parcels are kept for ten days.", "Parcels")
TENTS = GivenText("handbook/tents.md", "Tents are lent for two weeks.", "Tents")
KEPT = "How long are parcels kept?"


@pytest.fixture
async def old(site):
    """What the older service held: a page of the web, and a file."""
    await site.promptuary.add_documents([PARCELS])
    await site.promptuary.add_documents([TENTS], collection="handbook")
    return site


async def asked(site, path, body):
    return (await site.client.post(f"/api/v1{path}", json=body)).json()


async def test_a_search_of_the_older_form_finds_passages_with_distance_and_score(old):
    found = await asked(old, "/search", {"query": "parcels kept", "k": 2})
    assert (found["query"], found["total_count"]) == ("parcels kept", len(found["results"]))
    best = found["results"][0]
    assert best["content"] == PARCELS.text
    assert best["metadata"]["source"] == PARCELS.id
    assert best["distance"] == max(0.0, 1 - best["score"])
    assert found["response_time"] >= 0
    assert found["hits"] == []


async def test_a_query_alone_is_answered_in_both_forms(old):
    await old.promptuary.submit(_prompt("Where are parcels kept over night?"))
    found = await asked(old, "/search", {"query": "parcels kept"})
    assert [hit["kind"] for hit in found["hits"]] == ["prompt"]
    assert found["results"][0]["content"] == PARCELS.text


async def test_the_newer_form_of_a_search_is_not_searched_twice(old):
    found = await asked(old, "/search", {"query": "parcels kept", "limit": 3})
    assert "results" not in found


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": "x", "k": 0},
        {"query": "x", "k": 51},
        {"query": "x" * 501, "k": 3},
        {"query": "", "k": 3},
        {"query": "x", "k": 3, "kinds": ["prompt"]},
        {"query": "x", "domains": []},
    ],
)
async def test_a_search_that_is_of_neither_form_is_refused(old, wrong):
    refused = await old.client.post("/api/v1/search", json=wrong)
    assert (refused.status_code, refused.json()["error_type"]) == (422, "validation_error")


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        (["docs.example.org"], [PARCELS.text]),
        (["handbook"], [TENTS.text]),
        (["example.org"], []),
        (["handbook", "docs.example.org"], [PARCELS.text, TENTS.text]),
    ],
)
async def test_domains_are_hosts_folders_or_collections(old, domains, expected):
    told = {"query": "for how long", "k": 5, "domains": domains}
    found = [each["content"] for each in (await asked(old, "/search", told))["results"]]
    assert sorted(found) == expected
    said = await asked(old, "/ask", {"question": KEPT, "domains": domains, "use_context": True})
    assert sorted(each["content"] for each in said["sources"]) == expected


async def test_an_answer_without_documents_is_refused(old):
    refused = await old.client.post("/query", json={"question": KEPT, "use_context": False})
    assert refused.status_code == 400
    assert list(refused.json()["field_errors"]) == ["use_context"]


@pytest.mark.parametrize("path", ["/batch_ask", "/batch/ask"])
async def test_several_questions_are_answered_in_their_order(old, path):
    llamas = "How are llamas shorn in Bolivia?"
    said = await asked(old, path, {"questions": [llamas, KEPT], "max_chunks": 3})
    assert (said["total_questions"], said["successful_answers"]) == (2, 1)
    assert [each["refused"] for each in said["results"]] == [True, False]
    assert "ten days" in said["results"][1]["answer"]
    assert said["processing_time"] > 0


@pytest.mark.parametrize("questions", [[], [KEPT] * 11, [""], [KEPT, "  "]])
async def test_too_many_questions_or_none_are_refused(old, questions):
    refused = await old.client.post("/api/v1/batch_ask", json={"questions": questions})
    assert refused.status_code == 422


async def test_a_crawl_says_how_far_it_went_and_what_failed(old):
    told = {"urls": ["http://127.0.0.1/"], "depth": 2, "max_pages": 3, "same_domain": False}
    for path in ("/crawl", "/batch/crawl"):
        done = await asked(old, path, told)
        assert (done["success"], done["failed_count"], done["urls"]) == (False, 1, told["urls"])
        assert done["crawl_details"] == {"depth": 2, "max_pages": 3, "same_domain": False}
        assert "public" in done["error_messages"][0]


@pytest.mark.parametrize("wrong", [{"urls": []}, {"urls": ["x"] * 11}, {"urls": ["a"], "depth": 4}])
async def test_a_crawl_that_is_too_wide_is_refused(old, wrong):
    assert (await old.client.post("/api/v1/crawl", json=wrong)).status_code == 422


async def test_the_health_routes_speak_the_older_words(old):
    health = (await old.client.get("/api/v1/health")).json()
    assert health["status"] == "healthy"
    assert health["database"] == {"connected": True, "total_chunks": 2, "collections": 2}
    assert health["providers"] == {}
    assert (await old.client.get("/api/v1/ping")).json() == {"status": "ok"}
    ready = (await old.client.get("/api/v1/readiness")).json()
    assert ready["ready"] is True
    assert all(ready["checks"].values())
    assert (await old.client.get("/api/v1/liveness")).json() == {"alive": True}
    version = (await old.client.get("/version")).json()
    assert (version["name"], version["api_version"]) == ("promptuary", "v1")


async def test_every_store_stands_under_its_scheme_in_the_detailed_health(old):
    for path in ("/health/detailed", "/api/v1/admin/status"):
        detail = (await old.client.get(path)).json()
        assert detail["api"] == "healthy"
        assert detail["memory_usage"] > 0
        assert detail["uptime"] >= 0
        assert {detail[scheme]["status"] for scheme in ("sqlite", "edge", "memory")} == {"healthy"}


async def test_the_index_is_counted_under_its_older_path(old):
    stats = (await old.client.get("/api/v1/index")).json()
    assert stats == (await old.client.get("/api/v1/index/stats")).json()
    assert (stats["connected"], stats["total_chunks"]) == (True, 2)
    assert stats["collections"] == ["default", "handbook"]


async def test_an_administrator_sees_numbers_and_providers(old):
    numbers = (await old.client.get("/api/v1/admin/metrics")).json()
    assert (numbers["total_chunks"], numbers["total_documents"], numbers["cost_usd"]) == (2, 2, 0)
    providers = (await old.client.get("/api/v1/admin/providers")).json()["providers"]
    assert {"openai", "anthropic", "ollama"} <= {each["provider"] for each in providers}
    assert {each["valid"] for each in providers} == {False}


async def test_answers_are_rated_and_satisfaction_is_counted(old):
    said = await asked(old, "/ask", {"question": KEPT, "collection": "default"})
    path = f"/answers/{said['id']}/feedback"
    await asked(old, path, {"rating": "down"})
    rated = await asked(old, path, {"rating": "up", "comment": "Just so."})
    assert (rated["answer_id"], rated["rating"]) == (said["id"], "up")
    assert (rated["collection"], rated["comment"]) == ("default", "Just so.")
    refused = await asked(old, "/ask", {"question": "How are llamas shorn in Bolivia?"})
    await asked(old, f"/answers/{refused['id']}/feedback", {"rating": "down"})
    numbers = (await old.client.get("/api/v1/admin/metrics")).json()
    assert (numbers["rated_up"], numbers["rated_down"], numbers["satisfaction"]) == (1, 1, 0.5)
    metrics = (await old.client.get("/metrics")).text
    for outcome in ("answered", "refused"):
        assert f'promptuary_answers_total{{outcome="{outcome}"}} 1.0' in metrics


async def test_an_answer_that_nobody_gave_cannot_be_rated(old):
    for unknown in ("00000000-0000-4000-8000-000000000000", "x"):
        path = f"/api/v1/answers/{unknown}/feedback"
        answered = await old.client.post(path, json={"rating": "up"})
        assert (answered.status_code, answered.json()["code"]) == (404, "NOT_FOUND")
    said = await asked(old, "/ask", {"question": KEPT})
    path = f"/api/v1/answers/{said['id']}/feedback"
    for wrong in ({"rating": "meh"}, {}, {"rating": "up", "comment": "x" * 4001}):
        assert (await old.client.post(path, json=wrong)).status_code == 422


async def test_a_budget_that_is_nearly_spent_is_warned_of(old):
    old.promptuary.chats.budgets.hear("anna", ("day", "tokens"), 0.9)
    await asked(old, "/ask", {"question": KEPT})
    (line,) = [line for line in old.lines() if line["event"] == "budget_nearly_spent"]
    assert (line["level"], line["tenant"], line["share"]) == ("warning", "anna", 0.9)
    shown = 'promptuary_budget_used_ratio{kind="tokens",span="day"} 0.9'
    assert shown in (await old.client.get("/metrics")).text
    (budget,) = (await old.client.get("/api/v1/admin/status")).json()["budgets"]
    assert (budget["tenant"], budget["near"]) == ("anna", True)


async def test_a_reset_is_confirmed_and_audited(old):
    refused = await old.client.post("/api/v1/admin/reset", json={})
    assert list(refused.json()["field_errors"]) == ["confirm"]
    assert (await old.promptuary.holdings()).documents == 2
    gone = await asked(old, "/admin/reset", {"confirm": True})
    assert (gone["success"], gone["passages"]) == (True, 2)
    assert (await old.promptuary.holdings()).documents == 0
    (line,) = [line for line in old.lines() if line["event"] == "audit"]
    assert (line["action"], line["caller"], line["passages"]) == ("reset", "loopback", 2)


async def test_administration_needs_the_scope_for_it(tmp_path):
    async with serving(tmp_path / "home") as site:
        write = await site.key("prompts:read", "prompts:write")
        for path in ("metrics", "status", "providers"):
            answered = await site.client.get(f"/api/v1/admin/{path}", headers=write)
            assert answered.status_code == 403
        told = {"confirm": True}
        answered = await site.client.post("/api/v1/admin/reset", json=told, headers=write)
        assert answered.status_code == 403


def _prompt(text):
    from promptuary import IncomingPrompt

    return IncomingPrompt(text)
