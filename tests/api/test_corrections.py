"""Correcting families over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

from questions import PARCELS, PASSWORDS

from .sites import PROMPTS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/corrections"


async def listed(site, member: str) -> list[dict]:
    return (await site.client.get(f"/api/v1/{member}")).json()[member]


async def test_a_merge_holds_until_it_is_undone_and_stays_in_the_list(mined_site):
    ask = mined_site.client
    families = [family["id"] for family in await listed(mined_site, "families")]
    made = await ask.post(URL, json={"kind": "merge", "ids": families[:2]})
    assert made.status_code == 201
    left = {each["id"]: each["cluster_count"] for each in await listed(mined_site, "families")}
    assert left.keys() == {*families} - {families[1]}
    assert left[families[0]] == len(made.json()["ids"])
    undone = (await ask.delete(f"{URL}/{made.json()['id']}")).json()
    assert undone["undone_at"]
    assert len(await listed(mined_site, "families")) > len(left)
    assert await listed(mined_site, "corrections") == [undone]
    assert (await ask.delete(f"{URL}/{undone['id']}")).status_code == 409


async def test_clusters_are_renamed_locked_and_kept_apart(mined_site):
    one, other, *_ = [cluster["id"] for cluster in await listed(mined_site, "clusters")]
    for body in (
        {"kind": "rename", "ids": [one], "name": "Weekends"},
        {"kind": "lock", "ids": [one]},
        {"kind": "apart", "ids": [one, other]},
    ):
        assert (await mined_site.client.post(URL, json=body)).status_code == 201
    refused = await mined_site.client.post(URL, json={"kind": "join", "ids": [one, other]})
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    shown = (await mined_site.client.get(f"/api/v1/clusters/{one}")).json()
    assert shown["name"] == "Weekends"
    page = (await mined_site.client.get(URL, params={"limit": 2})).json()
    assert [each["kind"] for each in page["corrections"]] == ["apart", "lock"]
    rest = (await mined_site.client.get(URL, params={"cursor": page["next_cursor"]})).json()
    assert [each["kind"] for each in rest["corrections"]] == ["rename"]


async def test_joined_clusters_are_one_until_that_is_undone(mined_site):
    before = {each["id"]: each["prompt_count"] for each in await listed(mined_site, "clusters")}
    one, other, *_ = before
    made = await mined_site.client.post(URL, json={"kind": "join", "ids": [one, other]})
    assert made.status_code == 201
    after = {each["id"]: each["prompt_count"] for each in await listed(mined_site, "clusters")}
    assert after == {key: n for key, n in before.items() if key != other} | {
        one: before[one] + before[other]
    }
    assert (await mined_site.client.delete(f"{URL}/{made.json()['id']}")).status_code == 200
    again = {each["id"]: each["prompt_count"] for each in await listed(mined_site, "clusters")}
    assert again == before


async def test_families_of_single_prompts_are_merged_split_and_given_back(site):
    ask = site.client
    rows = [{"text": text} for text in (*PASSWORDS[:7], *PARCELS[:7])]
    assert (await ask.post("/api/v1/prompts/batch", json={"prompts": rows})).status_code == 202
    await site.promptuary.settle()

    async def families() -> dict[str, int]:
        return {each["id"]: each["prompt_count"] for each in await listed(site, "families")}

    before = await families()
    first, second = before
    made = (await ask.post(URL, json={"kind": "merge", "ids": [second, first]})).json()
    assert await families() == {second: sum(before.values())}
    late = await ask.post(URL, json={"kind": "merge", "ids": [second, first]})
    assert (late.status_code, late.json()["code"]) == (409, "CONFLICT")
    page = (await ask.get("/api/v1/prompts", params={"family_id": second})).json()["prompts"]
    some = [each["id"] for each in page if "parcel" in each["content"]][:3]
    split = (await ask.post(URL, json={"kind": "split", "ids": some})).json()
    assert split["ids"] == some
    assert sorted((await families()).values()) == [3, sum(before.values()) - 3]
    whole = await ask.post(URL, json={"kind": "split", "ids": some})
    assert (whole.status_code, whole.json()["code"]) == (422, "INVALID_INPUT")
    for each in (made, split):
        assert (await ask.delete(f"{URL}/{each['id']}")).status_code == 200
    assert await families() == before


async def test_what_is_doubtful_is_listed_until_somebody_decides_and_that_is_respected(
    site, monkeypatch
):
    """Which pairs are doubtful a learned likeness says; here all of them are."""
    monkeypatch.setattr("promptuary.canon.naming.face.BOUNDS", (-1.0, 2.0))
    ask = site.client

    async def sent(prompts: list[str]) -> None:
        rows = [{"text": text} for text in prompts]
        said = await ask.post("/api/v1/prompts/batch", json={"prompts": rows})
        assert said.status_code == 202
        await site.promptuary.settle()

    await sent(PROMPTS)
    doubt, *others = await listed(site, "doubts")
    assert all((*doubt["names"], *doubt["texts"]))
    clusters = await listed(site, "clusters")
    homes = {each["family_id"]: each["id"] for each in clusters}
    pair = [homes[own] for own in doubt["family_ids"]]
    assert (await ask.post(URL, json={"kind": "apart", "ids": pair})).status_code == 201
    assert await listed(site, "doubts") == others
    await sent([each.replace("41", "52").replace("my", "our") for each in PROMPTS])
    now = {each["id"]: each["family_id"] for each in await listed(site, "clusters")}
    parted = {now[own] for own in pair}
    assert len(parted) == 2
    assert parted not in [set(each["family_ids"]) for each in await listed(site, "doubts")]
    nowhere = await ask.get("/api/v1/doubts", params={"collection": "nowhere"})
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "merge", "ids": [str(uuid4()), str(uuid4())]}, 404),
        ({"kind": "lock", "ids": ["none"]}, 404),
        ({"kind": "join", "ids": [str(uuid4()), str(uuid4())]}, 404),
        ({"kind": "join", "ids": [str(uuid4())]}, 422),
        ({"kind": "move", "ids": [str(uuid4())]}, 422),
        ({"kind": "apart", "ids": [str(uuid4())]}, 422),
        ({"kind": "lock", "ids": []}, 422),
        ({"kind": "explode", "ids": [str(uuid4())]}, 422),
        ([], 422),
    ],
)
async def test_what_cannot_be_corrected_is_a_problem(known_site, body, status):
    refused = await known_site.client.post(URL, json=body)
    assert refused.status_code == status
    assert refused.json()["status"] == status
    assert await listed(known_site, "corrections") == []
