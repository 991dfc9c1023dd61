"""Recordings over HTTP: links that open one thing, for a while, made for those who may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from .sites import Site, serving

pytestmark = pytest.mark.anyio
BODY = bytes(range(256)) * 40
EVENTS = [
    {
        "event_id": name, "camera_id": camera, "label": "person",
        "timestamp": f"2025-05-10T10:00:0{n}Z", "end_timestamp": f"2025-05-10T10:00:2{n}Z",
        "clip": clip, "description": "a person in red", "confidence": 0.8,
    }
    for n, (name, camera, clip) in enumerate(
        [("kept", "gate", "gate/one.mp4"), ("lost", "gate", "gate/two.mp4"),
         ("odd id/1", "gate", "gate/one.mp4"), ("secret", "vault", "vault.mp4")]
    )
]  # fmt: skip
QUESTION = {"query": "How many people at the gate on 10 May 2025?"}


def videos(home: Path) -> Path:
    folder = home / "videos"
    (folder / "gate").mkdir(parents=True)
    for name in ("gate/one.mp4", "vault.mp4"):
        (folder / name).write_bytes(BODY)
    (folder / "gate" / "one.jpg").write_bytes(b"picture")
    return folder


@pytest.fixture(scope="module")
async def cameras(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    home = tmp_path_factory.mktemp("clips")
    async with serving(home, clip_store=f"folder:{videos(home)}") as opened:
        await opened.client.post("/api/v1/events", json={"events": EVENTS})
        yield opened


async def test_an_answer_links_to_the_recordings_of_its_evidence(cameras: Site) -> None:
    said = (await cameras.client.post("/api/v1/conversation", json=QUESTION)).json()
    assert [(each["event_id"], each["available"]) for each in said["clips"]] == [
        ("kept", True), ("lost", False), ("odd id/1", True)
    ]  # fmt: skip
    assert said["clip_links"] == [each["url"] for each in said["clips"] if each["available"]]
    for link in said["clip_links"]:
        assert (await cameras.client.get(link)).content == BODY
    first = said["clips"][0]
    assert (first["confidence"], first["description"]) == (0.8, "a person in red")
    assert (first["duration_seconds"], first["size_bytes"]) == (20.0, len(BODY))
    assert (await cameras.client.get(first["thumbnail_url"])).content == b"picture"
    lost = said["clips"][1]
    assert (lost["url"], lost["thumbnail_url"], lost["expires_at"]) == ("", "", None)


async def test_play_it_says_whether_there_is_anything_to_play(cameras: Site) -> None:
    path = "/api/v1/conversation"
    first = (await cameras.client.post(path, json=QUESTION)).json()
    again = {"conversation_id": first["conversation_id"]}
    played = await cameras.client.post(path, json={"query": "play the first one", **again})
    assert len(played.json()["clip_links"]) == 1
    missing = await cameras.client.post(path, json={"query": "play the second one", **again})
    assert missing.json()["clip_links"] == []
    assert "no recording" in missing.json()["response"]


@pytest.mark.parametrize("event", ["kept", "odd id/1"])
async def test_a_link_opens_what_it_was_made_for_and_nothing_else(
    cameras: Site, event: str
) -> None:
    path = f"/api/v1/clips/{quote(event, safe='')}"
    said = (await cameras.client.get(f"{path}/url", params={"expiry_minutes": 5})).json()
    assert (said["available"], said["expires_in_minutes"], said["source"]) == (True, 5.0, "folder")
    link = said["clip_url"]
    played = await cameras.client.get(link)
    assert (played.status_code, played.headers["content-type"]) == (200, "video/mp4")
    signature = link.rpartition("=")[2]
    wrong = [
        link.replace(signature, "0" * 64),
        link.replace("expires=", "expires=9"),
        link.replace(quote(event, safe=""), "secret"),
        f"{link}&part=thumbnail",
        link.partition("&signature")[0] + "&signature=%C3%A9",
    ]
    for each in wrong:
        assert (await cameras.client.get(each)).status_code == 403, each
    went = await cameras.client.get(path)
    assert (went.status_code, went.headers["location"].partition("?")[0]) == (302, f"{path}/file")


async def test_a_piece_of_a_recording_comes_alone(cameras: Site) -> None:
    link = (await cameras.client.get("/api/v1/clips/kept/url")).json()["clip_url"]
    piece = await cameras.client.get(link, headers={"Range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, BODY[10:20])
    assert piece.headers["content-range"] == f"bytes 10-19/{len(BODY)}"
    rest = await cameras.client.get(link, headers={"Range": "bytes=10000-"})
    assert rest.content == BODY[10_000:]
    for odd in ("bytes=-5", "bytes=9-3", "rows=1-2", "bytes=1-2,4-5", "bytes=99999999-"):
        whole = await cameras.client.get(link, headers={"Range": odd})
        assert whole.content == BODY, odd


async def test_many_are_asked_for_at_once(cameras: Site) -> None:
    asked = {"event_ids": ["secret", "kept", "nobody", "lost"], "thumbnails": True}
    found = (await cameras.client.post("/api/v1/clips/batch", json=asked)).json()["clips"]
    assert [(each["event_id"], each["available"]) for each in found] == [
        ("secret", True), ("kept", True), ("lost", False)
    ]  # fmt: skip
    checked = await cameras.client.post("/api/v1/clips/batch/check", json=asked)
    assert checked.json()["availability"] == {
        "secret": True, "kept": True, "nobody": False, "lost": False
    }  # fmt: skip
    listed = (await cameras.client.get("/api/v1/clips", params={"camera_id": "gate"})).json()
    assert (listed["total_count"], len(listed["clips"])) == (3, 3)


async def test_what_belongs_to_an_event_comes_with_its_strength(cameras: Site) -> None:
    found = await cameras.client.get("/api/v1/events/kept/related?relation_types=temporal")
    related = found.json()["related"]
    assert {each["relationship_type"] for each in related} == {"temporal"}
    assert [each["event_id"] for each in related] == ["lost", "odd id/1", "secret"]
    assert related[0]["relationship_strength"] == related[0]["score"] > 0.9
    for path, status in (
        ("nobody/related", 404), ("odd%20id%2F1/related", 200), ("kept/related?limit=0", 422),
        ("kept/related?relation_types=causal", 422),
    ):  # fmt: skip
        assert (await cameras.client.get(f"/api/v1/events/{path}")).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [("nobody/url", 404), ("lost", 404), ("kept/url?expiry_minutes=1441", 422),
     ("kept/url?expiry_minutes=0", 422), ("kept/url?expiry_minutes=nan", 422),
     ("..%2F..%2Fetc%2Fpasswd/url", 404), ("kept/file", 422),
     ("kept/file?expires=1&signature=x", 403)],
)  # fmt: skip
async def test_what_cannot_be_is_refused(cameras: Site, path: str, status: int) -> None:
    assert (await cameras.client.get(f"/api/v1/clips/{path}")).status_code == status


@pytest.mark.slow
async def test_links_are_made_for_those_who_may_see_the_camera(tmp_path: Path) -> None:
    store = f"folder:{videos(tmp_path)}"
    async with serving(tmp_path / "home", clip_store=store) as opened:
        await opened.client.post("/api/v1/events", json={"events": EVENTS})
        key, secret = await opened.promptuary.create_key("guard", ("conversation:read",))
        before = await opened.client.get("/api/v1/clips/secret/url", headers={"X-API-Key": secret})
    access = (f"{key.id}=gate",)
    async with serving(tmp_path / "home", clip_store=store, camera_access=access) as opened:
        guard = {"X-API-Key": secret}
        for path in ("clips/secret/url", "clips/secret", "clips/secret/thumbnail"):
            refused = await opened.client.get(f"/api/v1/{path}", headers=guard)
            unknown = await opened.client.get("/api/v1/clips/nobody/url", headers=guard)
            assert (refused.status_code, unknown.status_code) == (404, 404)
        asked = {"event_ids": ["secret", "kept"]}
        found = await opened.client.post("/api/v1/clips/batch", json=asked, headers=guard)
        assert [each["event_id"] for each in found.json()["clips"]] == ["kept"]
        checked = await opened.client.post("/api/v1/clips/batch/check", json=asked, headers=guard)
        assert checked.json()["availability"]["secret"] is False
        # A link that was handed out works until it expires, also after a restart.
        assert (await opened.client.get(before.json()["clip_url"])).content == BODY


@pytest.mark.slow
async def test_without_a_store_there_are_no_links(tmp_path: Path) -> None:
    async with serving(tmp_path / "home") as opened:
        await opened.client.post("/api/v1/events", json={"events": EVENTS})
        said = (await opened.client.post("/api/v1/conversation", json=QUESTION)).json()
        assert (said["clips"], said["clip_links"]) == ([], [])
        one = (await opened.client.get("/api/v1/clips/kept/url")).json()
        assert (one["available"], one["clip_url"]) == (False, "")
        gone = await opened.client.get("/api/v1/clips/kept/file?expires=9999999999&signature=x")
        assert gone.status_code == 404
