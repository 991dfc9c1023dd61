"""Documents over HTTP: sent, listed, read, found, deleted."""

from __future__ import annotations

import asyncio

import pytest

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
URL = "/api/v1/documents"
TEXT = b"# Parcels\n\nParcels are kept for ten days.\n"


async def send(site, name="parcels.md", body=TEXT, headers=None, **query):
    return await site.client.post(
        URL, params={"name": name, **query}, content=body, headers=headers or {}
    )


async def test_a_file_that_was_sent_is_listed_read_and_found(site):
    sent = await send(site)
    assert (sent.status_code, sent.json()["status"]) == (201, "read")
    listed = (await site.client.get(URL)).json()
    assert [each["name"] for each in listed["documents"]] == ["parcels.md"]
    assert listed["documents"][0].items() <= sent.json().items()
    read = (await site.client.get(f"{URL}/{sent.json()['id']}")).json()
    assert read["documents"][0]["text"] == TEXT.decode()
    found = {"query": "how long are parcels kept", "kinds": ["passage"]}
    (hit,) = (await site.client.post("/api/v1/search", json=found)).json()["hits"]
    (passage,) = (await site.client.get("/api/v1/passages", params={"id": hit["id"]})).json()[
        "passages"
    ]
    assert passage["text"] == TEXT.decode()[passage["start"] : passage["end"]]
    alone = (await site.client.get(f"{URL}/{passage['document_id']}")).json()
    assert (alone["source"], alone["documents"]) == (None, read["documents"])


async def test_the_same_name_replaces_and_an_unreadable_file_changes_nothing(site):
    first = (await send(site)).json()
    again = (await send(site, body=b"# Parcels\n\nThey are kept for a year.\n")).json()
    assert again["id"] == first["id"]
    refused = await send(site, name="parcels.md", body=b"%PDF-1.7 broken", format="pdf")
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_INPUT")
    read = (await site.client.get(f"{URL}/{first['id']}")).json()
    assert "a year" in read["documents"][0]["text"]


async def test_a_file_of_an_unknown_kind_is_refused_unless_its_format_is_said(site):
    for name in ("notes", "x.exe", "x." + "y" * 200, "x.\u0665"):
        assert (await send(site, name=name)).json()["code"] == "UNSUPPORTED"
    assert (await send(site, name="notes", format="txt")).status_code == 201


async def test_a_file_over_the_limit_is_refused_and_one_over_that_of_bodies_is_not(tmp_path):
    limits = {"max_document_bytes": 4096, "max_request_bytes": 1024}
    async with serving(tmp_path / "home", **limits) as site:
        assert (await send(site, body=b"word " * 500)).status_code == 201
        assert (await send(site, body=b"word " * 1000)).status_code == 413


async def test_a_form_is_refused(site):
    refused = await site.client.post(f"{URL}?name=a.md", files={"file": b"x"})
    assert (refused.status_code, refused.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_file_sent_twice_at_once_is_taken_once(site):
    key = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(*(send(site, headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 4
    other = await send(site, name="other.md", headers=key)
    assert other.json()["code"] == "IDEMPOTENCY_MISMATCH"


async def test_what_is_deleted_is_gone_and_cannot_be_deleted_again(site):
    sent = (await send(site)).json()
    gone = await site.client.delete(f"{URL}/{sent['id']}")
    assert (gone.status_code, gone.json()["passages"]) == (200, 1)
    assert (await site.client.get(f"{URL}/{sent['id']}")).status_code == 404
    assert (await site.client.delete(f"{URL}/{sent['id']}")).status_code == 404
    found = {"query": "parcels", "kinds": ["passage"]}
    assert (await site.client.post("/api/v1/search", json=found)).json()["hits"] == []


async def test_reading_and_writing_need_their_scopes(site):
    read, write = await site.key("documents:read"), await site.key("documents:write")
    assert (await send(site, headers=read)).status_code == 403
    sent = await send(site, headers=write)
    assert sent.status_code == 201
    assert (await site.client.get(URL, headers=write)).status_code == 403
    assert (await site.client.delete("/api/v1/index", headers=write)).status_code == 403
    own = f"{URL}/{sent.json()['id']}"
    assert (await site.client.delete(own, headers=read)).status_code == 403
    assert (await site.client.delete(own, headers=write)).status_code == 200


async def test_an_unchanged_list_is_not_sent_again(site):
    await send(site)
    first = await site.client.get(URL)
    again = await site.client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


async def test_the_original_of_a_citation_is_opened_and_nothing_in_it_is_run(site):
    page = b"<title>Parcels</title><script>alert(1)</script><p>Parcels are kept for ten days.</p>"
    await send(site, name="parcels.html", body=page)
    asked = {"question": "How long are parcels kept?"}
    (citation,) = (await site.client.post("/api/v1/ask", json=asked)).json()["citations"]
    given = await site.client.get(f"{URL}/{citation['document_id']}/original")
    assert (given.status_code, given.content) == (200, page)
    assert given.headers["content-type"] == "text/plain; charset=utf-8"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "sandbox"
    same = {"If-None-Match": given.headers["etag"]}
    assert (await site.client.get(given.request.url, headers=same)).status_code == 304
    part = await site.client.get(given.request.url, headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"<title>")


async def test_an_original_that_is_no_text_is_downloaded_and_goes_with_its_source(site):
    sent = (await send(site, name="menu.txt", body="Café au lait".encode("latin-1"))).json()
    given = await site.client.get(f"{URL}/{sent['id']}/original")
    assert given.headers["content-disposition"] == 'attachment; filename="menu.txt"'
    await site.client.delete(f"{URL}/{sent['id']}")
    for nobody in (sent["id"], "no-id"):
        gone = await site.client.get(f"{URL}/{nobody}/original")
        assert (gone.status_code, gone.json()["code"]) == (404, "NOT_FOUND")
