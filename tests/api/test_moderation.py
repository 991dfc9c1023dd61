"""Moderation over HTTP: as OpenAI's clients ask it, and by people who review."""

from __future__ import annotations

import openai
import pytest

from promptuary.api.schemas.moderation import CATEGORIES

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CARD = "Charge the card 4111 1111 1111 1111."


async def test_the_client_of_openai_reads_the_verdicts(shared_site):
    raw = await shared_site.client.post(
        "/v1/moderations", json={"input": ["Good morning.", CARD], "model": "omni"}
    )
    said = openai.types.ModerationCreateResponse.model_validate(raw.json())
    harmless, card = said.results
    assert (said.model, harmless.flagged, card.flagged) == ("rules", False, True)
    assert raw.json()["results"][1]["category_scores"].keys() == set(CATEGORIES)
    assert raw.json()["results"][1]["categories"]["pii"]
    assert not any(raw.json()["results"][0]["categories"].values())
    assert (await shared_site.client.post("/v1/moderations", json={"input": []})).status_code == 422
    single = (await shared_site.client.post("/v1/moderations", json={"input": CARD})).json()
    assert [each["flagged"] for each in single["results"]] == [True]


async def test_what_is_kept_aside_is_reviewed(site):
    client, path = site.client, "/api/v1/moderation/prompts"
    sent = await client.post("/api/v1/prompts", json={"content": CARD})
    own = sent.json()["prompt_id"]
    assert [each["id"] for each in (await client.get(path)).json()["prompts"]] == [own]
    rejected = (await client.post(f"{path}/{own}/reject", json={"reason": "real"})).json()
    assert (rejected["decision"], rejected["reason"]) == ("reject", "real")
    assert (await client.get(path)).json()["total"] == 0
    released = (await client.post(f"{path}/{own}/release", json={})).json()
    assert released["moderation_status"] == "safe"
    assert (await client.post(f"{path}/{own}/release", json={})).status_code == 409
    listed = (await client.get("/api/v1/moderation/reviews")).json()
    assert [each["decision"] for each in listed["reviews"]] == ["release", "reject"]
    assert (await client.post("/api/v1/prompts", json={"content": CARD})).status_code == 201


async def test_only_an_administrator_reviews(site):
    key = await site.key("prompts:read", "prompts:write")
    refused = await site.client.get("/api/v1/moderation/prompts", headers=key)
    assert refused.status_code == 403


async def test_what_is_replaced_is_seen_before_and_after_it_is_sent(tmp_path):
    letter = "Write to ann@example.org about the boat."
    async with serving(tmp_path, moderator="rules:?pii=mask") as site:
        judged = (await site.client.post("/v1/moderations", json={"input": letter})).json()
        (result,) = judged["results"]
        assert (result["flagged"], result["status"]) == (False, "masked")
        assert result["masked_text"] == "Write to [EMAIL] about the boat."
        assert result["masked"] == {"email": 1}
        sent = (await site.client.post("/api/v1/prompts", json={"content": letter})).json()
        assert sent["moderation_status"] == "masked"
        kept = (await site.client.get(f"/api/v1/prompts/{sent['prompt_id']}")).json()
        assert (kept["content"], kept["moderation_status"]) == (result["masked_text"], "masked")
        later = {"content": letter.replace("ann", "ben"), "wait": False}
        received = (await site.client.post("/api/v1/prompts", json=later)).json()
        assert received["prompt_id"] == sent["prompt_id"]
        batch = {"prompts": [letter, "Call ann@example.org."]}
        told = (await site.client.post("/api/v1/prompts/batch", json=batch)).json()
        assert (told["accepted"], told["duplicates"], told["masked"]) == (1, 1, 1)
