"""Reading families, clusters and templates."""

from __future__ import annotations

from uuid import uuid4

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CLUSTER = {
    "id", "name", "similarity_threshold", "confidence_score", "created_at", "updated_at",
    "prompt_count",
}  # fmt: skip
TEMPLATE = {
    "id", "cluster_id", "template_content", "version", "slots", "confidence_score", "created_at",
    "updated_at",
}  # fmt: skip


async def first(site, path: str, member: str) -> dict:
    return (await site.client.get(f"{path}?sort=size")).json()[member][0]


async def test_clusters_come_by_number_with_a_total(known_site):
    page = (await known_site.client.get("/api/v1/clusters?page_size=1&page=2")).json()
    assert (page["page"], page["page_size"]) == (2, 1)
    assert page["total"] >= 2
    assert page["clusters"][0].keys() >= CLUSTER


@pytest.mark.parametrize("member", ["clusters", "templates"])
async def test_numbers_and_cursors_walk_the_same_list(known_site, member):
    get, url = known_site.client.get, f"/api/v1/{member}"
    total = (await get(url)).json()["total"]
    numbered = [
        (await get(url, params={"page_size": 1, "page": page})).json()[member][0]["id"]
        for page in range(1, total + 1)
    ]
    walked, cursor = [], None
    while len(walked) < total:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await get(url, params=query)).json()
        walked += [each["id"] for each in page[member]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert walked == numbered


async def test_a_cursor_and_a_page_number_together_are_refused(known_site):
    answer = await known_site.client.get("/api/v1/clusters?page=2&cursor=abc")
    assert answer.status_code == 422
    assert "page" in answer.json()["field_errors"]


@pytest.mark.parametrize("path", ["clusters", "templates", "families", "prompts", "jobs"])
async def test_a_cursor_nobody_gave_is_refused(known_site, path):
    answer = await known_site.client.get(f"/api/v1/{path}", params={"cursor": "made-up"})
    assert answer.status_code == 422


async def test_a_cluster_shows_its_template_and_prompts(known_site):
    cluster = await first(known_site, "/api/v1/clusters", "clusters")
    read = (await known_site.client.get(f"/api/v1/clusters/{cluster['id']}")).json()
    assert read["template"]["cluster_id"] == cluster["id"]
    assert len(read["prompts"]) == min(20, cluster["prompt_count"])


async def test_the_prompts_of_a_cluster_are_a_bare_list_with_a_link_to_the_rest(known_site):
    cluster = await first(known_site, "/api/v1/clusters", "clusters")
    url, seen = f"/api/v1/clusters/{cluster['id']}/prompts?limit=9", []
    while url:
        answer = await known_site.client.get(url)
        seen += [prompt["id"] for prompt in answer.json()]
        url = answer.links.get("next", {}).get("url")
    assert len(set(seen)) == len(seen) == int(answer.headers["X-Total-Count"])
    assert len(seen) == cluster["prompt_count"]


async def test_a_template_has_slots_with_values_and_counts(known_site):
    template = await first(known_site, "/api/v1/templates", "templates")
    read = (await known_site.client.get(f"/api/v1/templates/{template['id']}")).json()
    assert read.keys() >= TEMPLATE
    assert read["template_slots"] == read["slots"]
    for slot in read["slots"]:
        assert f"{{{{{slot['name']}}}}}" in read["template_content"]
        assert len(slot["example_values"]) == len(slot["counts"]) > 0


async def test_the_id_of_a_cluster_finds_its_current_template(known_site):
    template = await first(known_site, "/api/v1/templates", "templates")
    read = await known_site.client.get(f"/api/v1/templates/{template['cluster_id']}")
    assert read.json()["id"] == template["id"]


async def test_versions_events_and_evolution_tell_the_history(known_site):
    template = await first(known_site, "/api/v1/templates", "templates")
    own = f"/api/v1/templates/{template['id']}"
    versions = (await known_site.client.get(f"{own}/versions")).json()
    events = (await known_site.client.get(f"{own}/events")).json()
    assert versions[0]["version"] == "1.0.0"
    assert versions[-1]["id"] == template["id"]
    assert events[0]["event_type"] == "CREATED"
    assert (await known_site.client.get(f"{own}/evolution")).json() == events


async def test_the_templates_of_one_cluster_are_its_versions(known_site):
    template = await first(known_site, "/api/v1/templates", "templates")
    page = (
        await known_site.client.get(f"/api/v1/templates?cluster_id={template['cluster_id']}")
    ).json()
    assert page["templates"][0]["id"] == template["id"]
    assert {each["cluster_id"] for each in page["templates"]} == {template["cluster_id"]}
    nothing = (await known_site.client.get(f"/api/v1/templates?cluster_id={uuid4()}")).json()
    assert (nothing["templates"], nothing["total"]) == ([], 0)


async def test_two_templates_are_compared_word_by_word(known_site):
    page = (await known_site.client.get("/api/v1/templates?limit=2")).json()
    one, two = (template["id"] for template in page["templates"])
    diff = (await known_site.client.get(f"/api/v1/templates/{one}/diff?to={two}")).json()
    assert (diff["from_template_id"], diff["to_template_id"]) == (one, two)
    assert {line["op"] for line in diff["lines"]} >= {"+", "-"}


async def test_a_family_shows_its_clusters(known_site):
    page = (await known_site.client.get("/api/v1/families")).json()
    family = page["families"][0]
    read = (await known_site.client.get(f"/api/v1/families/{family['id']}")).json()
    assert page["total"] == len(page["families"])
    assert len(read["clusters"]) == family["cluster_count"]
    assert {cluster["family_id"] for cluster in read["clusters"]} == {family["id"]}
    narrowed = await known_site.client.get(f"/api/v1/clusters?family_id={family['id']}")
    assert narrowed.json()["total"] == family["cluster_count"]


@pytest.mark.parametrize(
    "id", ["3f0c8a52-9d1e-4b67-8e2a-5c7d1f9b6a04", "no-uuid", "%00", "..%2f..", "é" * 300]
)
@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("prompts/{}", "prompt_id"),
        ("clusters/{}", "cluster_id"),
        ("clusters/{}/prompts", "cluster_id"),
        ("families/{}", "family_id"),
        ("templates/{}", "template_id"),
        ("templates/{}/versions", "template_id"),
        ("templates/{}/events", "template_id"),
        ("jobs/{}", "job_id"),
    ],
)
async def test_an_unknown_id_is_not_found_and_named(shared_site, path, member, id):
    answer = await shared_site.client.get(f"/api/v1/{path.format(id)}")
    assert answer.status_code == 404
    assert answer.json()["error"]
    assert member in answer.json() or answer.json()["code"] == "ROUTE_NOT_FOUND"


async def test_an_unknown_collection_is_not_found(shared_site):
    answer = await shared_site.client.get("/api/v1/families?collection=nowhere")
    assert answer.status_code == 404
    assert answer.json()["collection_id"] == "nowhere"
