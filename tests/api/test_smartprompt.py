"""A client of the older prompt service finds what it asks for, point by point."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from promptuary import parts
from promptuary.domain.errors import RateLimited, Unavailable
from promptuary.moving.prompts.made_up import TOPICS, made_up
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.prompt_archive import MemoryPromptArchive

from .sites import Site, serving

BASE = "/compat/smartprompt"
NOTE = {"lazy_prompt": "How do I secure a kubernetes cluster?", "domain": "security"}
MEMBERS = {
    "refined_prompt", "detected_topics", "recommended_references", "cached", "topic_details",
    "prompt_file_content",
}  # fmt: skip


async def posted(site: Site, path: str, body: object, status: int = 200) -> Any:
    """What the service answers."""
    answer = await site.client.post(f"{BASE}{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.anyio
async def test_a_refined_prompt_has_the_old_members_and_is_a_prompt(shared_site: Site) -> None:
    body = await posted(shared_site, "/refine-prompt", {**NOTE, "output_format": "simple"})
    assert set(body) == MEMBERS
    assert body["cached"] is False
    assert "How do I secure a kubernetes cluster?" in body["refined_prompt"]
    assert body["topic_details"]
    assert all(isinstance(each, str) for each in body["topic_details"].values())
    for topic in body["detected_topics"]:
        bare = re.sub(r"^\d+\.\s*", "", topic)
        assert any(bare in key for key in body["topic_details"])
    for heading in ("# ", "## Overview", "## Key Topics"):
        assert heading in body["prompt_file_content"]
    assert body["recommended_references"]


@pytest.mark.anyio
async def test_the_same_request_is_cached_and_another_domain_is_another_prompt(
    shared_site: Site,
) -> None:
    first = await posted(shared_site, "/refine-prompt", NOTE)
    again = await posted(shared_site, "/refine-prompt", NOTE)
    assert again["cached"] is True
    assert again["refined_prompt"] == first["refined_prompt"]
    options = {"domain": "development", "expertise_level": "expert"}
    other = await posted(shared_site, "/refine-prompt", {**NOTE, **options})
    assert other["cached"] is False
    assert other["refined_prompt"] != first["refined_prompt"]


@pytest.mark.anyio
@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
async def test_blank_text_is_a_400_with_the_old_words(shared_site: Site, blank: str) -> None:
    body = await posted(shared_site, "/refine-prompt", {"lazy_prompt": blank}, 400)
    assert body["detail"] == "Lazy prompt cannot be empty"
    await posted(shared_site, "/search/by-topic", {"topic": blank}, 400)
    await posted(shared_site, "/search/related", {"topics": []}, 400)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": "the wrong field"},
        {"lazy_prompt": "x", "domain": "cooking"},
        {"lazy_prompt": "x", "expertise_level": "wizard"},
        {"lazy_prompt": "x", "output_format": "song"},
        {"lazy_prompt": 7},
    ],
)
async def test_a_wrong_field_or_enum_is_a_422(shared_site: Site, wrong: dict[str, Any]) -> None:
    await posted(shared_site, "/refine-prompt", wrong, 422)


@pytest.mark.slow
@pytest.mark.anyio
async def test_refined_prompts_are_found_by_topic_and_by_related_topics(site: Site) -> None:
    await posted(site, "/refine-prompt", {"lazy_prompt": "Explain docker volumes"})
    await posted(site, "/refine-prompt", NOTE)
    for topic in ("kubernetes", "1. kubernetes", "Kubernetes"):
        found = await posted(site, "/search/by-topic", {"topic": topic})
        assert found
        assert "kubernetes" in found[0]["refined_prompt"].lower()
        assert set(found[0]) == MEMBERS
        assert found[0]["prompt_file_content"]
    related = {"topics": ["kubernetes", "docker"], "domain": "security"}
    found = await posted(site, "/search/related", related)
    assert found
    assert all("kubernetes" in each["refined_prompt"].lower() for each in found)
    kept = await site.promptuary.library.list()
    assert kept.total == 2


@pytest.mark.anyio
async def test_health_and_pages_are_there(shared_site: Site) -> None:
    answer = await shared_site.client.get(f"{BASE}/health")
    assert answer.json().keys() == {"status", "redis", "timestamp"}
    assert (answer.json()["status"], answer.json()["redis"]) == ("healthy", "connected")
    for path in ("/metrics", "/docs", "/redoc", "/openapi.json"):
        page = await shared_site.client.get(f"{BASE}{path}", follow_redirects=True)
        assert page.status_code == 200


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[Site]:
    """One that answers two requests a minute."""
    options = {"rate_limit_enabled": True, "smartprompt_rate_limit_per_minute": 2}
    async with serving(tmp_path / "home", **options) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_own_limit_is_a_429_that_says_when_to_come_back(limited: Site) -> None:
    for _ in range(2):
        answer = await limited.client.post(f"{BASE}/refine-prompt", json=NOTE)
        assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Limit"] == "2"
    assert answer.headers["X-RateLimit-Window-Seconds"] == "60"
    answer = await limited.client.post(f"{BASE}/refine-prompt", json=NOTE)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["detail"] == {
        "error": "Rate limit exceeded", "limit": 2, "window_size": 60, "unit": "seconds",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.anyio
async def test_ten_at_once_while_the_model_refuses_are_some_200_and_some_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [RateLimited("slow down", retry_after=5)] * 4
    good = "## Task\nSay what rhymes with sea."
    model = FakeChatModel(*refusals, *([good] * 6))

    async def chat() -> FakeChatModel:
        return model

    async with serving(tmp_path / "home", chat_models=("openai:x",)) as site:
        monkeypatch.setattr(site.promptuary.library, "_chat", chat)
        statuses: list[int] = []

        async def ask(number: int) -> None:
            body = {"lazy_prompt": "say what rhymes with sea" + " please" * number}
            answer = await site.client.post(f"{BASE}/refine-prompt", json=body)
            statuses.append(answer.status_code)
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) >= 1

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(ask, number)
    assert sorted(statuses) == [200] * 6 + [503] * 4


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_service_works_without_its_cache(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("the cache is away")

    monkeypatch.setattr(site.promptuary.cache, "get_many", away)
    monkeypatch.setattr(site.promptuary.cache, "set_many", away)
    refine = partial(posted, site, "/refine-prompt", NOTE)
    assert (await refine())["cached"] is False
    assert (await refine())["cached"] is False
    answer = await site.client.get(f"{BASE}/health")
    assert answer.json()["redis"] == "disconnected"


@pytest.mark.slow
@pytest.mark.anyio
async def test_its_routes_can_stand_at_the_root(tmp_path: Path) -> None:
    async with serving(tmp_path / "home", smartprompt_path="/") as site:
        answer = await site.client.post("/refine-prompt", json=NOTE)
        assert answer.status_code == 200
        assert "redis" in (await site.client.get("/health")).json()
        assert (await site.client.get("/docs")).status_code == 200


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_tenant_neither_finds_nor_is_answered_from_what_another_keeps(site: Site) -> None:
    scopes = ("library:read", "library:write")
    heads = []
    for tenant in ("one", "two"):
        _, secret = await site.promptuary.create_key(tenant, scopes, tenant=tenant)
        heads.append({"X-API-Key": secret})
    one, two = heads
    ask = partial(site.client.post, f"{BASE}/refine-prompt", json=NOTE)
    assert (await ask(headers=one)).json()["cached"] is False
    assert (await ask(headers=two)).json()["cached"] is False
    note = {"lazy_prompt": "plan a kubernetes upgrade"}
    await site.client.post(f"{BASE}/refine-prompt", json=note, headers=one)
    topic = {"topic": "kubernetes"}
    find = partial(site.client.post, f"{BASE}/search/by-topic", json=topic)
    assert len((await find(headers=one)).json()) == 2
    assert len((await find(headers=two)).json()) == 1


@pytest.mark.slow
@pytest.mark.anyio
async def test_while_prompts_of_a_tenant_move_its_searches_say_which_side_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, there = MemoryPromptArchive(), made_up(30)
    await archive.lay(there.prompts, there.lists)

    async def behind(_url: str) -> MemoryPromptArchive:
        return archive

    monkeypatch.setattr(parts, "open_prompt_archive", behind)
    options = {"index_url": "memory:", "move_from_url": "redis://older:6379/0"}
    async with serving(tmp_path / "home", **options) as site:
        _, one = await site.promptuary.create_key("one", ("admin",), tenant="one")
        _, two = await site.promptuary.create_key("two", ("admin",), tenant="two")
        post = site.client.post

        async def side(secret: str = one) -> str:
            asked, head = {"topic": TOPICS[0]}, {"X-API-Key": secret}
            answer = await post(f"{BASE}/search/by-topic", json=asked, headers=head)
            assert answer.status_code == 200
            assert bool(answer.json()) == (secret == one)
            return answer.headers["X-Promptuary-Store"]

        plan = partial(post, "/api/v1/moves", headers={"X-API-Key": one})
        assert (await plan(json={"tenant": "two"})).status_code == 403
        assert (await plan(json={})).json()["tenant"] == "one"
        moves = site.promptuary.moves
        await moves.start()
        assert await side(two) == "new"
        assert await side() == "old"
        await moves.ramp(100)
        await moves.cutover()
        assert await side() == "new"
        await moves.rollback()
        assert await side() == "old"
