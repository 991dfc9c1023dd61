"""The real Portkey gateway in front of an endpoint that misbehaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

import servers
from promptuary.adapters.embedders import portkey
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.server]
TEXTS = ["one two", "three", "four five six"]


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        yield fake


@pytest.fixture
async def remote(
    portkey_server: servers.Server, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RemoteEmbedder]:
    monkeypatch.delenv("PORTKEY_API_KEY", raising=False)
    monkeypatch.setenv("PORTKEY_BASE_URL", f"http://127.0.0.1:{portkey_server.port}/v1")
    monkeypatch.setenv("PORTKEY_CUSTOM_HOST", upstream.url)
    monkeypatch.setenv("OPENAI_API_KEY", "passed on")
    opened = portkey.connect("portkey:@openai/small?dim=16&timeout=60")
    yield opened
    await opened.aclose()


async def test_vectors_come_through_the_gateway(
    remote: RemoteEmbedder, upstream: FakeUpstream
) -> None:
    expected = await FakeEmbedder().embed(TEXTS)
    np.testing.assert_allclose(await remote.embed(TEXTS), expected, atol=1e-6)
    assert upstream.received[0].headers["authorization"] == "Bearer passed on"


FAULTS: dict[str, tuple[type[PromptuaryError], ...]] = {
    "hang": (TimedOut,),
    "drip": (TimedOut,),
    "cut": (Unavailable, BadReply),
    "close": (Unavailable,),
    "429": (RateLimited,),
    "400": (InvalidInput,),
    "401": (Misconfigured,),
    "500": (Unavailable,),
    "html": (BadReply, Unavailable),
    "not_json": (BadReply, Unavailable),
    "no_data": (BadReply,),
    "count": (BadReply,),
    "twice": (BadReply,),
    "dimension": (BadReply,),
    "nan": (BadReply, Unavailable),
    "zeros": (BadReply,),
}


SILENT = ("hang", "drip")
"""Only these are given up on by the clock; a busy machine must not be taken for one of them."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_the_gateway_makes_of_a_fault_is_told_for_what_it_is(
    remote: RemoteEmbedder, upstream: FakeUpstream, fault: str
) -> None:
    upstream.faults.extend([fault] * 6)  # the gateway may try again by itself
    asked = portkey.connect("portkey:@openai/small?dim=16&timeout=2") if fault in SILENT else remote
    with pytest.raises(FAULTS[fault]):
        await asked.embed(TEXTS)
    await asked.aclose()
