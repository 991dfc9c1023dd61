"""Recordings of Frigate, against a fake of its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from promptuary.adapters.clip_stores.frigate import FrigateClipStore, connect
from promptuary.domain.errors import BadReply, Misconfigured, Unavailable
from promptuary.testing.clip_store import (
    AN_HOUR,
    BARE,
    BODY,
    GONE,
    HERE,
    PICTURE,
    ClipStoreContract,
)
from promptuary.testing.fakes.frigate import FakeFrigate

ROWS = [
    {"id": each.id, "camera": each.camera, "has_clip": clip, "has_snapshot": picture}
    for each, clip, picture in ((HERE, True, True), (BARE, True, False), (GONE, False, False))
]


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeFrigate]:
    clips = {HERE.id: BODY, BARE.id: BODY}
    with FakeFrigate(ROWS, clips, {HERE.id: PICTURE}) as fake:
        yield fake


class TestFrigateClipStore(ClipStoreContract):
    @pytest.fixture
    async def store(self, upstream: FakeFrigate) -> AsyncIterator[FrigateClipStore]:
        opened = connect(f"frigate:{upstream.url}")
        yield opened
        await opened.aclose()


@pytest.mark.anyio
async def test_many_events_are_asked_for_in_few_requests(upstream: FakeFrigate) -> None:
    upstream.received.clear()
    store = connect(f"frigate:{upstream.url}")
    await store.find([HERE, BARE, GONE] * 20, AN_HOUR)
    assert len(upstream.received) == 1
    await store.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["html", "not_json", "500", "close", "cut"])
async def test_what_goes_wrong_is_said(upstream: FakeFrigate, fault: str) -> None:
    store = connect(f"frigate:{upstream.url}")
    upstream.faults.append(fault)
    with pytest.raises(Unavailable):
        await store.find([HERE], AN_HOUR)
    await store.aclose()


@pytest.mark.anyio
async def test_a_page_is_no_recording(upstream: FakeFrigate) -> None:
    store = connect(f"frigate:{upstream.url}")
    upstream.faults.append("html")
    with pytest.raises(BadReply):
        async with store.read(HERE):
            pass
    await store.aclose()


@pytest.mark.parametrize(
    "url", ["frigate:", "frigate:file:///etc", "frigate:http://u:p@h", "frigate:h"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)
