"""What programs that were written for the older client call."""

from __future__ import annotations

import httpx2
import pytest

from api.sites import serving
from promptuary import AsyncRemoteClient
from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.errors import Forbidden, Unsupported

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def site(tmp_path):
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "parcels.md").write_text("Parcels are kept for ten days.")
    settings = {"sync_folders": (tmp_path / "shelf",), "api_key": "first-key"}
    async with serving(tmp_path / "home", **settings) as opened:
        yield opened


def client_of(site, key="first-key"):
    transport = httpx2.ASGITransport(site.app)
    return AsyncRemoteClient("http://localhost", api_key=key, transport=transport)


async def test_folders_of_the_server_are_indexed_and_asked(site):
    async with client_of(site) as client:
        (report,) = await client.index()
        assert (report.root, report.counts) == ("shelf", {"new": 1})
        (again,) = await client.index(".", force=True)
        assert again.counts == {"new": 1}
        with pytest.raises(Forbidden):
            await client.index("/etc")
        answer = await client.query("How long are parcels kept?", 3, 0.1)
        assert isinstance(answer, Answer)
        assert await client.ask("How long are parcels kept?", passages=3) == answer
        sure = await client.query("How long are parcels kept?", confidence_threshold=1.0)
        assert isinstance(sure, Refusal)


async def test_a_narrow_key_hears_how_the_server_is_and_not_its_parts(site):
    narrow = (await site.key("prompts:read"))["X-API-Key"]
    async with client_of(site, narrow) as client:
        health = await client.health()
    assert (health.status, health.parts) == ("healthy", ())


async def test_the_pause_of_a_crawl_is_the_servers_to_choose(site):
    async with client_of(site) as client:
        with pytest.raises(Unsupported):
            await client.crawl("https://example.org/", delay=0)
