"""The library over HTTP: kept, given, guarded, rendered."""

from __future__ import annotations

import pytest

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/library/prompts"
SLUG = "support/refund-reply"
REPLY = {
    "slug": SLUG,
    "text": "Write to {{ customer }} about a refund.",
    "slots": [{"name": "customer", "type": "name"}],
    "about": {"title": "Refund reply", "tags": ["mail"], "folder": "support"},
    "labels": ["production"],
}


async def save(site, headers=None, **changes):
    return await site.client.post(URL, json={**REPLY, **changes}, headers=headers or {})


async def test_a_prompt_is_kept_given_and_not_given_twice(site):
    saved = await save(site)
    assert saved.status_code == 201
    given = await site.client.get(f"{URL}/{SLUG}", params={"label": "production"})
    kept = given.json()
    assert (kept["slug"], kept["refined_prompt"]) == (SLUG, REPLY["text"])
    assert (kept["version"]["number"], kept["tags"]) == (1, ["mail"])
    assert kept["version"]["slots"][0]["type"] == "name"
    assert kept["version"]["author"].startswith("loopback")
    tag = {"If-None-Match": given.headers["etag"]}
    again = await site.client.get(f"{URL}/{SLUG}?label=production", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    await save(site, text="Say {{ customer }}", labels=[])
    assert (await site.client.get(f"{URL}/{SLUG}", headers=tag)).status_code == 200
    old = await site.client.get(f"{URL}/{SLUG}?label=production&count=false")
    assert old.json()["version"]["number"] == 1


async def test_a_text_alone_keeps_what_is_declared_and_anything_more_replaces_it(site):
    slots = [{"name": "who", "type": "enum", "choices": ["Ada", "Bo"]}]
    body = {"slug": "hello", "text": "Hello {{ who }}", "slots": slots}
    await site.client.post("/api/v1/library/prompts", json=body)
    told = {"slug": "hello", "text": "Good day, {{ who }}"}
    kept = (await site.client.post("/api/v1/library/prompts", json=told)).json()
    assert kept["version"]["slots"][0]["choices"] == ["Ada", "Bo"]
    kept = (await site.client.post("/api/v1/library/prompts", json={**told, "slots": []})).json()
    assert kept["version"]["slots"] == []


async def test_what_is_empty_or_has_line_breaks_is_told_what_to_do_and_no_pattern(site):
    path = "/api/v1/library/search"
    for folder, said in (("", "must not be empty; leave it out"), ("a\nb", "a control character")):
        sought = {"query": "x", "filters": {"folder": folder}}
        refused = await site.client.post(path, json=sought)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_INPUT")
        assert said in refused.json()["field_errors"]["filters.folder"][0]
    refused = await site.client.get(path, params={"q": "x", "folder": ""})
    assert "must not be empty" in refused.json()["detail"]


async def test_nobody_overwrites_what_they_have_not_seen(site):
    new = {"If-None-Match": "*"}
    saved = await save(site, headers=new)
    assert saved.status_code == 201
    assert (await save(site, headers=new, text="x")).json()["code"] == "REVISION_MISMATCH"
    seen = {"If-Match": saved.headers["etag"]}
    assert (await save(site, headers=seen, text="Two")).status_code == 201
    refused = await save(site, headers=seen, text="Three")
    assert (refused.status_code, refused.json()["code"]) == (412, "REVISION_MISMATCH")
    assert (await save(site, headers={"If-Match": "x"})).status_code == 422


async def test_an_idempotency_key_saves_once(site):
    key = {"Idempotency-Key": "once"}
    first = await save(site, headers=key)
    again = await save(site, headers=key)
    assert again.content == first.content
    assert (await save(site, headers=key, text="x")).json()["code"] == "IDEMPOTENCY_MISMATCH"


async def test_a_prompt_is_rendered_labelled_rated_and_searched(site):
    await save(site)
    await save(site, text="Tell {{ customer }}.", branch="try", labels=[])
    made = await site.client.post(f"{URL}/{SLUG}/render", json={"values": {"customer": "{{ x }}"}})
    assert made.json()["text"] == "Write to {{ x }} about a refund."
    bad = await site.client.post(f"{URL}/{SLUG}/render", json={"values": {"x": 1}})
    assert sorted(bad.json()["field_errors"]) == ["customer", "x"]
    moved = await site.client.post(f"{URL}/{SLUG}/labels", json={"name": "beta", "version": "try"})
    assert moved.status_code == 200
    listed = (await site.client.get(f"{URL}/{SLUG}/labels")).json()["labels"]
    assert [each["name"] for each in listed] == ["latest", "beta", "production"]
    gone = await site.client.delete(f"{URL}/{SLUG}/labels/beta")
    assert [each["name"] for each in gone.json()["labels"]] == ["latest", "production"]
    merged = await site.client.post(f"{URL}/{SLUG}/merge", json={"branch": "try"})
    assert merged.json()["version"]["number"] == 2
    diff = await site.client.get(f"{URL}/{SLUG}/diff", params={"before": "1"})
    assert "+Tell {{ customer }}." in diff.json()["lines"]
    versions = (await site.client.get(f"{URL}/{SLUG}/versions")).json()
    assert [each["number"] for each in versions["versions"]] == [2, 1]
    rated = await site.client.post(f"{URL}/{SLUG}/ratings", json={"stars": 4})
    assert (rated.status_code, rated.json()["average_rating"]) == (201, 4.0)
    assert (await site.client.get(f"{URL}/{SLUG}/ratings")).json()["total"] == 1
    found = await site.client.get(
        "/api/v1/library/search", params={"q": "refund", "tag": "mail", "min_rating": 4}
    )
    assert found.json()["hits"][0]["payload"]["slug"] == SLUG
    asked = {
        "query": "refund", "filters": {"tags": ["mail"], "min_rating": 4, "archived": None},
        "where": {"op": "eq", "field": "slug", "value": SLUG}, "facets": ["tags"],
    }  # fmt: skip
    posted = (await site.client.post("/api/v1/library/search", json=asked)).json()
    assert posted["hits"] == found.json()["hits"]
    assert posted["facets"] == {"tags": [{"value": "mail", "count": 1}]}
    plain = {"query": "refund", "explain": False}
    assert (await site.client.post("/api/v1/library/search", json=plain)).json()["hits"] == [
        {**posted["hits"][0], "reasons": []}
    ]
    wrong = {"query": "", "filters": {"colour": "red"}, "min_rating": 4}
    refused = (await site.client.post("/api/v1/library/search", json=wrong)).json()
    assert sorted(refused["field_errors"]) == ["filters.colour", "min_rating", "query"]
    none = await site.client.get("/api/v1/library/search", params={"q": "xylophone"})
    assert none.status_code == 200
    misses = (await site.client.get("/api/v1/library/misses")).json()["misses"]
    assert [each["query"] for each in misses] == ["xylophone"]
    trail = (await site.client.get(f"{URL}/{SLUG}/audit")).json()["entries"]
    assert [each["action"] for each in trail][-1] == "created"
    assert (await site.client.get("/api/v1/library/audit")).json()["total"] == len(trail)


async def test_a_version_is_tried_by_key_judged_and_promoted(site):
    await save(site)
    await save(site, text="Write kindly to {{ customer }}.", labels=[])
    one, trial = f"{URL}/{SLUG}", f"{URL}/{SLUG}/experiment"
    assert (await site.client.get(trial)).status_code == 404
    begun = await site.client.post(trial, json={"candidate": "2"})
    assert (begun.status_code, begun.json()["state"]) == (201, "running")
    assert (await site.client.post(trial, json={"candidate": "2"})).status_code == 409
    assert (await site.client.post(trial, json={"candidate": "2", "share": 1})).status_code == 422
    for key in map(str, range(120)):
        given = (await site.client.get(one, params={"key": key})).json()["version"]["number"]
        stars = 5 if given == 2 else 1
        rated = await site.client.post(f"{one}/ratings", json={"rating": stars, "key": key})
        assert rated.status_code == 201
    await site.client.post(f"{one}/labels", json={"name": "production", "protected": True,
                                                  "version": "1"})  # fmt: skip
    stands = (await site.client.get(trial)).json()
    assert (stands["state"], stands["control"]["good"]) == ("won", 0)
    assert stands["candidate"]["share"]["low"] > stands["control"]["share"]["high"]
    writer = await site.key("library:write", "library:read")
    refused = await site.client.post(f"{one}/promotion", json={}, headers=writer)
    assert refused.status_code == 403
    owner = await site.key("admin")
    assert (await site.client.post(f"{one}/promotion", json={}, headers=owner)).status_code == 200
    now = await site.client.get(one, params={"label": "production"}, headers=owner)
    assert now.json()["version"]["number"] == 2
    ended = await site.client.delete(trial, headers=owner)
    assert ended.json()["state"] == "won"
    both = await site.client.get(one, params={"key": "a", "version": "1"}, headers=owner)
    assert both.status_code == 422


async def test_slots_their_values_and_branches_are_told(site):
    await save(site, slots=[{"name": "customer", "type": "enum", "choices": ["Ada", "Bo"]}])
    await save(site, text="Tell {{ customer }}.", branch="try", labels=[])
    (slot,) = (await site.client.get(f"{URL}/{SLUG}/slots")).json()["slots"]
    assert slot["choices"] == ["Ada", "Bo"]
    asked = {"slug": SLUG, "slot": "customer", "begins": "b"}
    found = await site.client.get("/api/v1/library/slot-values", params=asked)
    assert found.json() == {"values": ["Bo"]}
    branches = (await site.client.get(f"{URL}/{SLUG}/branches")).json()["branches"]
    assert {name: each["number"] for name, each in branches.items()} == {"main": 1, "try": 2}


async def test_an_archived_prompt_leaves_the_list_and_comes_back(site):
    await save(site)
    assert (await site.client.delete(f"{URL}/{SLUG}")).json()["archived"]
    assert (await site.client.get(URL)).json()["total"] == 0
    assert (await site.client.get(URL, params={"archived": True})).json()["total"] == 1
    await site.client.post(f"{URL}/{SLUG}/restore", json={})
    assert (await site.client.get(URL, params={"folder": "support"})).json()["total"] == 1
    about = {"title": "Other", "tags": ["x"]}
    said = await site.client.post(f"{URL}/{SLUG}/about", json=about)
    assert (said.json()["title"], said.json()["tags"]) == ("Other", ["x"])


@pytest.mark.parametrize(
    "slug", ["../../etc/passwd", "A", "a b", "a//b", "🚀", "", "versions", "x" * 256]
)
async def test_a_slug_that_is_none_is_refused(site, slug):
    assert (await save(site, slug=slug)).status_code == 422
    assert (await site.client.get(URL)).json()["total"] == 0


async def test_a_template_that_breaks_out_is_refused(site):
    for text in ("{{ ''.__class__ }}", "{% include '/etc/passwd' %}", "{{"):
        assert (await save(site, text=text)).json()["code"] == "INVALID_INPUT"


async def test_what_is_not_there_is_not_found(site):
    for path in (
        "gone", "gone/versions", "gone/labels", "gone/audit", "gone/similar", "a/b/c/ratings",
    ):  # fmt: skip
        assert (await site.client.get(f"{URL}/{path}")).json()["code"] == "NOT_FOUND"


async def test_scopes_and_tenants_are_kept_apart(tmp_path):
    async with serving(tmp_path / "home", api_key="root") as site:
        promptuary = site.app.state.serving.promptuary
        keys = {}
        for name, scopes, tenant in (
            ("reader", ["library:read"], ""),
            ("writer", ["library:read", "library:write"], ""),
            ("other", ["library:read", "library:write"], "other"),
        ):
            _, secret = await promptuary.create_key(name, scopes, tenant=tenant)
            keys[name] = {"X-API-Key": secret}
        root = {"X-API-Key": "root"}
        assert (await save(site, headers=keys["reader"])).status_code == 403
        assert (await save(site, headers=keys["writer"])).status_code == 201
        protect = {"name": "production", "version": "1", "protected": True}
        labels = f"{URL}/{SLUG}/labels"
        refused = await site.client.post(labels, json=protect, headers=keys["writer"])
        assert refused.json()["code"] == "FORBIDDEN"
        assert (await site.client.post(labels, json=protect, headers=root)).status_code == 200
        move = {"name": "production"}
        assert (
            await site.client.post(labels, json=move, headers=keys["writer"])
        ).status_code == 403
        assert (await save(site, headers=keys["writer"], text="x")).status_code == 403
        assert (await site.client.post(labels, json=move, headers=root)).status_code == 200
        for path in ("", "/labels", "/audit", "/similar"):
            seen = await site.client.get(f"{URL}/{SLUG}{path}", headers=keys["other"])
            assert seen.status_code == 404
        assert (await site.client.get(URL, headers=keys["other"])).json()["total"] == 0
        found = await site.client.get(
            "/api/v1/library/search", params={"q": "refund"}, headers=keys["other"]
        )
        assert found.json()["hits"] == []
