"""The client of the older canonicalisation pipeline, played call by call: over HTTP and in SQL."""

from __future__ import annotations

import json
from random import Random

import pytest

from promptuary.domain.prompts import IncomingPrompt

from .sites import LANGUAGES, PROMPTS, THINGS, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
FAMILY = {"id", "name", "description", "parent_family_id", "created_at", "cluster_count"}
EVENT = {
    "id", "template_id", "event_type", "previous_version", "new_version", "change_reason",
    "detected_by", "created_at",
}  # fmt: skip
STATS = {
    "files_processed", "files_failed", "prompts_processed", "prompts_accepted", "prompts_rejected",
}  # fmt: skip


async def largest(site) -> dict:
    return (await site.client.get("/api/v1/clusters?sort=size")).json()["clusters"][0]


async def test_families_of_the_evolution_count_their_clusters(known_site):
    said = (await known_site.client.get("/api/v1/evolution/families")).json()
    assert said["total"] == len(said["families"])
    assert said["families"][0].keys() >= FAMILY
    assert said["families"][0]["cluster_count"] >= 1


async def test_events_come_by_page_type_and_template_under_the_older_names(known_site):
    async def events(**params) -> dict:
        return (await known_site.client.get("/api/v1/evolution/events", params=params)).json()

    page = await events(page=2, page_size=1, event_type="CREATED")
    assert (page["page"], page["page_size"], len(page["events"])) == (2, 1, 1)
    assert page["total"] >= 2
    (event,) = page["events"]
    assert event.keys() >= EVENT
    assert (event["event_type"], event["new_version"]) == ("CREATED", "1.0.0")
    assert event["detected_by"] == "rules"
    own = await events(template_id=event["template_id"])
    assert event in own["events"]
    assert {each["cluster_id"] for each in own["events"]} == {event["cluster_id"]}
    for older in ("SLOT_MODIFIED", "VERSION_INCREMENTED"):
        assert (await events(event_type=older))["total"] == 0
    asked = await known_site.client.get("/api/v1/evolution/events?event_type=GONE")
    assert (asked.status_code, "event_type" in asked.json()["field_errors"]) == (422, True)


async def drift(site, **params) -> dict:
    return (await site.client.get("/api/v1/evolution/drift", params=params)).json()


async def test_a_cluster_whose_prompts_stay_as_they_were_has_no_drift(known_site):
    cluster = await largest(known_site)
    said = await drift(known_site, cluster_id=cluster["id"])
    assert (said["cluster_id"], said["template_id"]) == (cluster["id"], cluster["template_id"])
    assert (said["has_drift"], said["drift_score"]) == (False, 0.0)
    assert (said["detected_changes"], said["recommendation"]) == ([], "none")


async def test_values_that_nobody_sent_before_are_drift_of_their_slot(site):
    names = ("Ada", "Bela", "Cleo", "Dora", "Edda", "Fritz", "Gero", "Hugo", "Ines", "Jule")
    letter = "Write a {} letter to {} about the fence between our two gardens."

    def letters(*tones: str) -> list[str]:
        drawn = [letter.format(tone, name) for name in names for tone in tones]
        return Random(1).sample(drawn, len(drawn))

    await site.promptuary.ingest(letters("kind", "stern", "brief", "funny"), complete=True)
    cluster = await largest(site)
    assert not (await drift(site, cluster_id=cluster["id"]))["has_drift"]
    for text in letters("solemn", "ornate"):
        await site.promptuary.submit(IncomingPrompt(text))
    said = await drift(site, cluster_id=cluster["id"])
    assert said["has_drift"]
    assert said["drift_score"] > 0.5
    assert said["recommendation"] == "update_template"
    assert ["slot" in change for change in said["detected_changes"]] == [True]
    assert "100%" in said["reasoning"]


async def test_drift_is_asked_with_a_cluster_and_a_template_of_it(known_site):
    page = (await known_site.client.get("/api/v1/clusters?sort=size")).json()["clusters"]
    ask = known_site.client.get
    url = "/api/v1/evolution/drift"
    own, other = page[0], page[1]
    wrong = {"cluster_id": own["id"], "template_id": other["template_id"]}
    assert (await ask(url, params=wrong)).status_code == 422
    assert (await ask(url)).status_code == 422
    assert (await ask(url, params={"cluster_id": "x" * 8})).status_code == 404
    few = {"cluster_id": own["id"], "recent_prompts_count": 4}
    assert (await ask(url, params=few)).status_code == 422


@pytest.fixture
def dataset(tmp_path):
    """Files as the older pipeline was given them: each names the prompt otherwise."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    rows = [{"question": text} for text in PROMPTS[: len(LANGUAGES) * len(THINGS)]]
    (folder / "questions.json").write_text(json.dumps(rows))
    lines = [{"instruction": text} for text in PROMPTS[len(rows) :]]
    (folder / "more.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n{broken\n")
    (folder / "table.csv").write_text("id,prompt\n1,Count to ten in Welsh.\n")
    (folder / "plain.txt").write_text("Name three rivers.\n")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    (folder / "notes.md").write_text("not for us")
    return folder


async def test_the_files_of_the_folder_are_taken_in_and_counted(tmp_path, dataset):
    async with serving(tmp_path / "home", dataset_folder=dataset) as site:
        said = (await site.client.post("/api/v1/dataset/ingest")).json()
        stats, summary = said["stats"], said["summary"]
        assert said["status"] == "completed_with_errors"
        assert stats.keys() == STATS | {"errors"}
        assert {name: stats[name] for name in STATS} == {name: summary[name] for name in STATS}
        assert (stats["files_processed"], stats["files_failed"]) == (4, 1)
        assert stats["prompts_accepted"] == len(PROMPTS) + 2
        assert stats["prompts_rejected"] == 1
        assert sorted(error.split()[0] for error in stats["errors"]) == ["more.jsonl", "other.csv:"]
        assert summary["clusters_created"] >= 2
        assert summary["templates_extracted"] >= 2
        assert summary["error_count"] == 2
        again = (await site.client.post("/api/v1/dataset/ingest", json={})).json()["summary"]
        assert again["clusters_created"] == again["templates_extracted"] == 0
        held = await site.promptuary.prompts(limit=1)
        assert (held.total, held.items[0].count) == (len(PROMPTS) + 2, 1)


async def test_without_a_folder_in_the_settings_nothing_is_taken_in(shared_site):
    refused = await shared_site.client.post("/api/v1/dataset/ingest")
    assert refused.status_code == 403
    assert "PROMPTUARY_DATASET_FOLDER" in refused.json()["detail"]
