"""A page of an older client, in a browser, on a site of its own."""

from __future__ import annotations

import pytest

from promptuary.api.keys import Doors
from promptuary.domain.errors import Misconfigured

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PAGE, OTHER = "https://app.example", "https://elsewhere.example"
URL = "/api/v1/conversation/some-thread"


def preflight(origin: str, method: str = "DELETE", headers: str = "x-api-key,content-type"):
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


async def test_a_page_of_a_named_site_may_ask_delete_and_read_refusals(tmp_path):
    async with serving(tmp_path, api_key="a key", cors_origins=(PAGE,)) as site:
        first = await site.client.options(URL, headers=preflight(PAGE))
        assert (first.status_code, first.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
        assert "DELETE" in first.headers["Access-Control-Allow-Methods"]
        refused = await site.client.delete(URL, headers={"Origin": PAGE})
        assert refused.status_code == 401
        known = {"Origin": PAGE, "X-API-Key": "a key"}
        read = await site.client.get("/api/v1/clusters", headers=known)
        assert read.status_code == 200
        for told in (refused, read):
            assert told.headers["Access-Control-Allow-Origin"] == PAGE
            assert told.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in told.headers["Vary"]
            assert "X-Request-ID" in told.headers["Access-Control-Expose-Headers"]


async def test_a_page_can_read_that_the_server_failed(tmp_path, monkeypatch):
    async def fail(**_: object) -> None:
        raise RuntimeError

    async with serving(tmp_path, cors_origins=(PAGE,)) as site:
        monkeypatch.setattr(site.promptuary, "templates", fail)
        failed = await site.client.get("/api/v1/clusters", headers={"Origin": PAGE})
        assert (failed.status_code, failed.json()["code"]) == (500, "INTERNAL_ERROR")
        assert failed.headers["Access-Control-Allow-Origin"] == PAGE


async def test_pages_of_other_sites_may_not_nor_with_other_methods_or_headers(tmp_path):
    told = {"cors_methods": ("GET",), "cors_headers": ("X-API-Key",)}
    async with serving(tmp_path, cors_origins=(PAGE,), **told) as site:
        for sent in (
            preflight(OTHER, "GET", "x-api-key"),
            preflight(PAGE, "DELETE", "x-api-key"),
            preflight(PAGE, "GET", "x-other"),
        ):
            assert (await site.client.options(URL, headers=sent)).status_code == 400
        read = await site.client.get("/api/v1/clusters", headers={"Origin": OTHER})
        assert "Access-Control-Allow-Origin" not in read.headers


async def test_every_site_may_ask_where_that_is_said_and_never_with_credentials(tmp_path):
    async with serving(tmp_path, cors_origins=("*",), cors_headers=("*",)) as site:
        first = await site.client.options(URL, headers=preflight(OTHER, "GET", "x-own"))
        assert first.headers["Access-Control-Allow-Headers"] == "x-own"
        read = await site.client.get("/api/v1/clusters", headers={"Origin": OTHER})
        for each in (first, read):
            assert each.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in each.headers
        doors = Doors(site.promptuary, site.promptuary.settings)
        with pytest.raises(Misconfigured, match="CORS_ORIGINS"):
            await doors.refuse_to_start_open()
        await site.key("ask")
        await doors.refuse_to_start_open()


async def test_unless_sites_are_named_no_page_may_ask(shared_site):
    asked = await shared_site.client.options(URL, headers=preflight(PAGE))
    assert asked.status_code == 405
    read = await shared_site.client.get("/livez", headers={"Origin": PAGE})
    assert not [name for name in read.headers if name.startswith("access-control")]
