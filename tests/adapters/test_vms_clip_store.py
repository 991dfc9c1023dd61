"""A video management system that signs links, against a fake one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from promptuary.adapters.clip_stores.vms import VmsClipStore, connect
from promptuary.domain.errors import BadReply, Misconfigured, TimedOut, Unavailable
from promptuary.testing.clip_store import AN_HOUR, BARE, GONE, HERE, ClipStoreContract
from promptuary.testing.fakes.vms import FakeVms


@pytest.fixture(scope="module", params=[True, False], ids=["checks", "checks not"])
def upstream(request: pytest.FixtureRequest) -> Iterator[FakeVms]:
    with FakeVms([HERE.id, BARE.id], [HERE.id], checks=request.param) as fake:
        yield fake


class TestVmsClipStore(ClipStoreContract):
    @pytest.fixture
    async def store(self, upstream: FakeVms) -> AsyncIterator[VmsClipStore]:
        opened = connect(f"vms:{upstream.url}")
        yield opened
        await opened.aclose()


@pytest.fixture
def vms() -> Iterator[FakeVms]:
    with FakeVms([HERE.id], [HERE.id]) as fake:
        yield fake


@pytest.mark.anyio
async def test_a_link_lasts_as_long_as_was_asked_for(vms: FakeVms) -> None:
    store = connect(f"vms:{vms.url}")
    (found,) = await store.find([HERE], AN_HOUR * 2, thumbnails=True)
    assert found is not None
    assert found.url.endswith("minutes=120")
    assert found.thumbnail_url == f"{vms.url}/media/{HERE.id}.jpg?sig=fake"
    await store.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", BadReply), ("not_json", BadReply), ("500", Unavailable), ("close", Unavailable),
     ("script", BadReply), ("password", BadReply), ("nothing", BadReply), ("401", Misconfigured)],
)  # fmt: skip
async def test_what_goes_wrong_is_said_and_no_link_is_made_up(
    vms: FakeVms, fault: str, error: type[Exception]
) -> None:
    store = connect(f"vms:{vms.url}")
    vms.faults.append(fault)
    with pytest.raises(error):
        await store.find([HERE], AN_HOUR)
    (found,) = await store.find([HERE], AN_HOUR)
    assert found is not None
    await store.aclose()


@pytest.mark.anyio
async def test_a_slow_one_is_not_waited_for(vms: FakeVms) -> None:
    slow = connect(f"vms:{vms.url}")
    store = replace(slow, host=replace(slow.host, seconds=0.05))
    vms.faults.append("hang")
    with pytest.raises(TimedOut):
        await store.find([HERE], AN_HOUR)
    await store.aclose()


@pytest.mark.anyio
async def test_a_clip_that_an_event_claims_is_not_believed(vms: FakeVms) -> None:
    store = connect(f"vms:{vms.url}")
    assert await store.find([replace(GONE, clip=f"/clips/{HERE.id}.mp4")], AN_HOUR) == [None]
    await store.aclose()
