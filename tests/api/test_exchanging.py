"""Files of prompts over HTTP."""

from __future__ import annotations

import json

import pytest

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
IMPORT, EXPORT = "/api/v1/library/import", "/api/v1/library/export"
FILE = json.dumps([{"name": "Hello there", "prompt": "Hello {{name}}", "x": 1}], indent=5).encode()


async def send(site, body=FILE, headers=None, **query):
    return await site.client.post(
        IMPORT, params={"format": "langfuse", **query}, content=body, headers=headers or {}
    )


async def test_a_file_comes_in_and_goes_out_as_it_was(site):
    planned = await send(site, dry_run=True)
    assert planned.json()["outcomes"][0]["status"] == "new"
    assert (await site.client.get(EXPORT, params={"format": "langfuse"})).json() == []
    done = await send(site)
    assert (done.status_code, done.json()["refused"]) == (200, 0)
    out = await site.client.get(EXPORT, params={"format": "langfuse", "slug": "hello-there"})
    assert out.content == FILE
    assert out.headers["content-disposition"] == 'attachment; filename="prompts.json"'
    assert out.headers["x-unmapped"] == "0"
    bundle = await site.client.get(EXPORT)
    again = await send(site, body=bundle.content, format="bundle")
    assert again.json()["outcomes"] == [
        {"slug": "hello-there", "status": "same", "versions": 1, "code": "", "reason": ""}
    ]


async def test_a_broken_file_is_refused_whole_with_the_place(site):
    bad = json.dumps([{"name": "good", "prompt": "x"}, {"name": "bad", "prompt": 1}]).encode()
    refused = await send(site, body=bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_INPUT")
    assert list(refused.json()["field_errors"]) == ["2"]
    assert (await send(site, format="word")).json()["code"] == "UNSUPPORTED"
    assert (await site.client.get(EXPORT, params={"slug": "good"})).status_code == 404
    assert (await send(site, format="../x")).status_code == 422


async def test_scopes_and_limits_hold(tmp_path):
    async with serving(tmp_path / "home", max_document_bytes=2048) as site:
        reader = await site.key("library:read")
        assert (await send(site)).status_code == 401
        assert (await send(site, headers=reader)).status_code == 403
        writer = await site.key("library:write")
        assert (await send(site, headers=writer)).status_code == 200
        assert (await send(site, body=b"x" * 4096, headers=writer)).status_code == 413
        assert (await site.client.get(EXPORT, headers=reader)).status_code == 200
        assert (await site.client.get(EXPORT, headers=writer)).status_code == 403
