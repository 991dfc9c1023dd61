"""Folders of the server synced over HTTP, counted and emptied."""

from __future__ import annotations

import pytest

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/index"


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "shelf"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.md").write_text("Parcels are kept for ten days.")
    (folder / "inner" / "b.pdf").write_bytes(b"%PDF-1.7 broken")
    (tmp_path / "secret.md").write_text("The safe stands behind the map.")
    (folder / "link").symlink_to(tmp_path)
    return folder


@pytest.fixture
async def allowed(tmp_path, shelf):
    async with serving(tmp_path / "home", sync_folders=(shelf,)) as site:
        yield site


async def test_an_allowed_folder_is_synced_and_what_failed_is_named(allowed):
    done = (await allowed.client.post(URL, json={})).json()
    assert (done["success"], done["processed_count"], done["failed_count"]) == (False, 1, 1)
    assert done["directory"] == "shelf"
    assert {each["path"]: each["status"] for each in done["details"]} == {
        "shelf/a.md": "new",
        "shelf/inner/b.pdf": "failed",
        "shelf/link": "skipped",
    }
    assert len(done["error_messages"]) == 1
    again = (await allowed.client.post(URL, json={})).json()
    assert (again["processed_count"], again["unchanged_count"]) == (0, 2)
    forced = (await allowed.client.post(URL, json={"force": True})).json()
    assert (forced["processed_count"], forced["unchanged_count"]) == (1, 0)


async def test_stats_count_what_there_is_and_clearing_empties_it(allowed):
    await allowed.client.post(URL, json={"directory": "."})
    stats = (await allowed.client.get(f"{URL}/stats")).json()
    assert stats["connected"] is True
    assert (stats["total_chunks"], stats["failed_sources"]) == (1, 1)
    assert stats["collections"] == ["default"]
    assert stats["last_updated"]
    gone = (await allowed.client.delete(URL)).json()
    assert (gone["success"], gone["passages"]) == (True, 1)
    stats = (await allowed.client.get(f"{URL}/stats")).json()
    assert (stats["total_chunks"], stats["total_sources"]) == (0, 0)


@pytest.mark.parametrize("outside", ["..", "link", "link/secret.md", "/", "nowhere", "inner/../.."])
async def test_nothing_outside_the_allowed_folders_is_read(allowed, outside):
    refused = await allowed.client.post(URL, json={"directory": outside})
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert (await allowed.client.get(f"{URL}/stats")).json()["total_sources"] == 0


async def test_without_a_setting_no_folder_is_synced(site, shelf):
    refused = await site.client.post(URL, json={"directory": str(shelf)})
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


async def test_part_of_a_folder_is_refused_for_it_would_remove_the_rest(allowed):
    wrong = {"recursive": False, "file_patterns": ["*.md"]}
    refused = await allowed.client.post(URL, json=wrong)
    assert refused.status_code == 422
    assert refused.json()["field_errors"].keys() == wrong.keys()
