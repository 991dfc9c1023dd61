"""Moves between stores over HTTP: steps, refusals, and their metrics."""

from __future__ import annotations

import httpx2
import pytest

from promptuary import AsyncRemoteClient
from promptuary.domain.errors import GuardRefused, InvalidInput
from promptuary.domain.relevance import JudgedQuery

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
TEXTS = [f"Plan a trip number {n} to the sea." for n in range(9)]


@pytest.fixture
async def site(tmp_path):
    async with serving(
        tmp_path / "home", index_url="memory:", move_index_url=f"edge:{tmp_path}/new"
    ) as opened:
        await opened.promptuary.ingest(TEXTS, complete=True)
        yield opened


async def test_a_move_goes_its_whole_way_over_http(site):
    transport = httpx2.ASGITransport(site.app)

    async def soon(_seconds):
        """Let the server work."""
        task = site.promptuary.moves._starting
        if task is not None:
            await task

    async with AsyncRemoteClient("http://localhost", transport=transport, sleep=soon) as client:
        assert (await client.moves.plan()).step == "plan"
        told = []
        moved = await client.moves.start(progress=told.append)
        assert (moved.step, moved.verified.clean) == ("shadow_read", True)
        assert moved == await client.moves.get()
        with pytest.raises(GuardRefused):
            await client.moves.cutover()
        best = (await site.promptuary.search(TEXTS[4], kinds=["prompt"], limit=1)).hits[0]
        judged = (await client.moves.judge([JudgedQuery(TEXTS[4], {best.id: 1})])).judged
        assert (judged.queries, judged.old.ndcg10, judged.new.ndcg10) == (1, 1.0, 1.0)
        assert (await client.moves.get()).judged == judged
        assert (await client.moves.ramp(100)).percent == 100
        assert (await client.moves.cutover()).step == "soak"
        assert (await client.moves.verify()).verified.clean
        assert (await client.moves.rollback(reason="noon")).notes == ("noon",)
        assert (await client.moves.list()).total == 1
    page = await site.client.get("/api/v1/moves/current/report")
    assert "Reads are with the old store, as before." in page.text
    samples = (await site.client.get("/metrics")).text
    assert 'promptuary_move_step{kind="index",step="rolled_back"} 1.0' in samples
    assert f'promptuary_move_entries_copied{{kind="index"}} {moved.copied}.0' in samples


async def test_what_stops_a_start_pauses_the_move_and_says_why(site):
    await site.client.post("/api/v1/moves", json={})
    await site.promptuary.moves.index.target.put(
        await site.promptuary._index.get(await site.promptuary._index.list_ids(limit=1))
    )
    assert (await site.client.post("/api/v1/moves/current/start", json={})).status_code == 200
    await site.promptuary.moves._starting
    move = (await site.client.get("/api/v1/moves/current")).json()
    assert "1 entries that are not of this move" in move["paused"]
    refused = await site.client.post("/api/v1/moves/current/start", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "GUARD_REFUSED")


@pytest.mark.parametrize("step", ["fly", "finalize", "judge"])
async def test_a_step_that_is_none_or_not_meant_is_refused(site, step):
    await site.client.post("/api/v1/moves", json={"kind": "index"})
    refused = await site.client.post(f"/api/v1/moves/current/{step}", json={})
    assert refused.json()["code"] == InvalidInput.code
