"""Answers in the form of the library, for clients that accept it."""

from __future__ import annotations

import pytest

from promptuary.domain import plain
from promptuary.domain.pages import Page
from promptuary.domain.templates import Lineage

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
EXACT = {"Accept": f"{plain.MEDIA_TYPE}, application/json;q=0.5"}
URL = "/api/v1/clusters"


async def test_only_who_asks_for_it_gets_the_form_of_the_library(known_site):
    usual = await known_site.client.get(URL)
    exact = await known_site.client.get(URL, headers=EXACT)
    assert usual.headers["Content-Type"] == "application/json"
    assert exact.headers["Content-Type"] == plain.MEDIA_TYPE
    assert usual.headers["Vary"] == exact.headers["Vary"] == "Accept"
    page = plain.decode(Page[Lineage], exact.content)
    assert [each.id for each in page.items] == [each["id"] for each in usual.json()["clusters"]]


async def test_each_form_has_its_own_tag(known_site):
    usual = await known_site.client.get(URL)
    other = {**EXACT, "If-None-Match": usual.headers["ETag"]}
    assert (await known_site.client.get(URL, headers=other)).status_code == 200
    exact = await known_site.client.get(URL, headers=EXACT)
    same = {**EXACT, "If-None-Match": exact.headers["ETag"]}
    assert (await known_site.client.get(URL, headers=same)).status_code == 304


async def test_a_refusal_stays_a_problem(known_site):
    refused = await known_site.client.get(f"{URL}?cursor=x", headers=EXACT)
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.slow
async def test_where_a_file_lies_on_the_server_is_not_told(site, tmp_path):
    (tmp_path / "a.md").write_text("Parcels are kept for ten days.")
    await site.promptuary.sync(tmp_path)
    source = (await site.promptuary.sources()).items[0]
    for path in ("/api/v1/documents", f"/api/v1/documents/{source.id}", "/api/v1/index/stats"):
        for headers in ({}, EXACT):
            told = await site.client.get(path, headers=headers)
            assert str(tmp_path.parent) not in told.text
