"""Correcting families over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

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
    shown = (await mined_site.client.get(f"/api/v1/clusters/{one}")).json()
    assert shown["name"] == "Weekends"
    page = (await mined_site.client.get(URL, params={"limit": 2})).json()
    assert [each["kind"] for each in page["corrections"]] == ["apart", "lock"]
    rest = (await mined_site.client.get(URL, params={"cursor": page["next_cursor"]})).json()
    assert [each["kind"] for each in rest["corrections"]] == ["rename"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "merge", "ids": [str(uuid4()), str(uuid4())]}, 404),
        ({"kind": "lock", "ids": ["none"]}, 404),
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
