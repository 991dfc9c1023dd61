"""One prompt over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
FITTING = "Summarise support ticket 9731 in one short sentence for the night shift."
FIELDS = {
    "prompt_id", "cluster_id", "similarity_score", "confidence_score", "reasoning",
    "template_version", "status", "is_new_cluster",
}  # fmt: skip


async def test_a_prompt_that_fits_a_template_is_placed_with_a_reason(mined_site):
    answer = await mined_site.client.post("/api/v1/prompts", json={"content": FITTING})
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() >= FIELDS
    assert UUID(body["cluster_id"])
    assert 0 <= body["similarity_score"] <= 1
    assert body["reasoning"]
    assert body["template_version"].count(".") == 2
    assert body["is_new_cluster"] is False


async def test_a_prompt_that_fits_nothing_is_kept_without_a_cluster(mined_site):
    answer = await mined_site.client.post(
        "/api/v1/prompts", json={"content": "Who painted the ceiling of the old town hall?"}
    )
    assert answer.status_code == 201
    assert answer.json()["cluster_id"] is None
    assert answer.json()["status"] == "accepted"


async def test_what_was_sent_is_read_back_byte_for_byte(shared_site):
    sent = {
        "content": "  Ärger\r\nmit \u200b\u202eRTL 🧭\n",
        "id": "mine-1",
        "created_at": "2026-03-01T10:00:00+02:00",
        "source": "bot",
        "metadata": {"model": "m", "tries": 2, "share": 0.5, "retried": True},
    }
    made = (await shared_site.client.post("/api/v1/prompts", json=sent)).json()
    read = (await shared_site.client.get(f"/api/v1/prompts/{made['prompt_id']}")).json()
    assert read["content"] == sent["content"]
    assert read["created_at"] == "2026-03-01T08:00:00Z"
    assert read["source"] == "bot"
    assert read["metadata"] == sent["metadata"]
    assert read["moderation_status"] == "safe"


async def test_a_placed_prompt_shows_slots_residual_and_reasons(mined_site):
    made = (await mined_site.client.post("/api/v1/prompts", json={"content": FITTING})).json()
    read = (await mined_site.client.get(f"/api/v1/prompts/{made['prompt_id']}")).json()
    assert read["placement"]["cluster_id"] == made["cluster_id"]
    assert list(read["placement"]["slots"].values()) == ["9731"]
    assert read["placement"]["reasons"]


async def test_the_same_text_again_is_a_duplicate_of_the_same_prompt(shared_site):
    first = (
        await shared_site.client.post("/api/v1/prompts", json={"content": "Count sheep."})
    ).json()
    again = (
        await shared_site.client.post("/api/v1/prompts", json={"content": "Count sheep."})
    ).json()
    assert again["prompt_id"] == first["prompt_id"]
    assert (first["status"], again["status"]) == ("accepted", "duplicate")


async def test_a_refused_prompt_says_why_and_is_kept_aside(shared_site):
    text = "Charge the card 4111 1111 1111 1111"
    answer = await shared_site.client.post("/api/v1/prompts", json={"content": text})
    body = answer.json()
    assert answer.status_code == 400
    assert body["code"] == "MODERATION_REFUSED"
    assert body["error"]
    assert body["reason"]
    assert body["categories"]
    kept = (await shared_site.client.get(f"/api/v1/prompts/{body['prompt_id']}")).json()
    assert kept["moderation_status"] == "rejected"


async def test_without_waiting_the_prompt_is_saved_and_a_job_will_place_it(shared_site):
    answer = await shared_site.client.post(
        "/api/v1/prompts", json={"content": "Name a river.", "wait": False}
    )
    body = answer.json()
    assert answer.status_code == 202
    assert body["status"] == "received"
    assert (await shared_site.client.get(f"/api/v1/jobs/{body['job_id']}")).status_code == 200
    assert (await shared_site.client.get(f"/api/v1/prompts/{body['prompt_id']}")).status_code == 200


async def test_an_id_that_came_with_another_text_is_a_conflict(shared_site):
    await shared_site.client.post("/api/v1/prompts", json={"content": "First.", "id": "same"})
    answer = await shared_site.client.post(
        "/api/v1/prompts", json={"content": "Second.", "id": "same"}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("content", ["", "   \n\t"])
async def test_a_prompt_without_content_names_the_field(shared_site, content):
    answer = await shared_site.client.post("/api/v1/prompts", json={"content": content})
    assert answer.status_code == 422
    assert "content" in answer.json()["field_errors"]


async def test_a_prompt_over_the_limit_is_refused_with_both_numbers(shared_site):
    answer = await shared_site.client.post("/api/v1/prompts", json={"content": "x" * 10_001})
    assert answer.status_code == 422
    assert "10,001" in answer.json()["field_errors"]["content"][0]
    assert "10,000" in answer.json()["field_errors"]["content"][0]


async def test_pages_of_prompts_show_every_prompt_once(mined_site):
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": 7, **({"cursor": cursor} if cursor else {})}
        page = (await mined_site.client.get("/api/v1/prompts", params=query)).json()
        seen += [prompt["id"] for prompt in page["prompts"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == page["total"]


async def test_prompts_are_filtered_by_moderation(site):
    await site.client.post("/api/v1/prompts", json={"content": "Charge 4111 1111 1111 1111"})
    await site.client.post("/api/v1/prompts", json={"content": "Fine."})
    page = (await site.client.get("/api/v1/prompts", params={"status": "rejected"})).json()
    assert [prompt["moderation_status"] for prompt in page["prompts"]] == ["rejected"]


async def test_collections_are_listed_with_what_waits(site):
    await site.client.post("/api/v1/prompts", json={"content": "One.", "collection": "other"})
    page = (await site.client.get("/api/v1/collections")).json()
    assert [each["name"] for each in page["collections"]] == ["other"]
    assert page["collections"][0]["prompt_count"] == 1
