"""The real Portkey gateway in front of an endpoint that misbehaves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

import servers
from chats.keys import all_known, secret
from promptuary.adapters.chat_models import portkey
from promptuary.adapters.chat_models._remote.model import RemoteChatModel
from promptuary.domain.chats import ChatOptions, Message
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    TooLarge,
    Unavailable,
)
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.server]
ASKED = [Message("system", "be brief"), Message("user", "one two three four")]
SOON, LATER = ChatOptions(seconds=2.0), ChatOptions(seconds=60)
SILENT = ("hang", "drip", "stall")


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        yield fake


@pytest.fixture
async def model(
    portkey_server: servers.Server, upstream: FakeChatUpstream, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RemoteChatModel]:
    all_known(monkeypatch, upstream.address)
    monkeypatch.delenv("PORTKEY_API_KEY")
    monkeypatch.setenv("PORTKEY_BASE_URL", f"http://127.0.0.1:{portkey_server.port}/v1")
    monkeypatch.setenv("PORTKEY_CUSTOM_HOST", upstream.url)
    upstream.faults.clear()
    upstream.received.clear()
    opened = portkey.connect("portkey:@openai/small")
    yield opened
    await opened.aclose()


class TestThroughTheGateway(ChatModelContract):
    @pytest.fixture
    def chat_model(self, model: RemoteChatModel) -> RemoteChatModel:
        return model


async def test_the_key_is_passed_on(model: RemoteChatModel, upstream: FakeChatUpstream) -> None:
    assert (await model.reply(ASKED)).text == "one two three four"
    sent = upstream.received[0].headers["authorization"]
    assert sent == f"Bearer {secret('OPENAI_API_KEY')}"


EITHER: dict[str, tuple[type[PromptuaryError], ...]] = {
    "hang": (TimedOut,),
    "drip": (TimedOut,),
    "stall": (TimedOut,),
    "cut": (Unavailable, BadReply),
    "close": (Unavailable,),
    "400": (InvalidInput,),
    "401": (Misconfigured,),
    "404": (Misconfigured,),
    "413": (TooLarge,),
    "422": (InvalidInput,),
    "429": (RateLimited,),
    "500": (Unavailable,),
    "503": (Unavailable,),
    "html": (BadReply, Unavailable),
    "not_json": (BadReply, Unavailable),
    "null": (BadReply, Unavailable),
    "missing": (BadReply, Unavailable),
    "empty": (BadReply,),
    "number": (BadReply,),
    "nan": (BadReply, Unavailable),
    "below_zero": (BadReply,),
    "error": (Unavailable,),
}


@pytest.mark.parametrize("fault", EITHER)
async def test_what_the_gateway_makes_of_a_fault_is_told_for_what_it_is(
    model: RemoteChatModel, upstream: FakeChatUpstream, fault: str
) -> None:
    upstream.faults.extend([fault] * 6)  # the gateway may try again by itself
    started = time.monotonic()
    with pytest.raises(EITHER[fault]):
        await model.reply(ASKED, options=SOON if fault in SILENT else LATER)
    assert time.monotonic() - started < 120


@pytest.mark.parametrize("fault", [*EITHER, "unfinished"])
async def test_what_the_gateway_makes_of_a_fault_in_a_stream_is_told_for_what_it_is(
    model: RemoteChatModel, upstream: FakeChatUpstream, fault: str
) -> None:
    upstream.faults.extend([fault] * 6)
    started = time.monotonic()
    with pytest.raises(EITHER.get(fault, (BadReply,))):
        async with aclosing(
            model.stream(ASKED, options=SOON if fault in SILENT else LATER)
        ) as pieces:
            assert [piece async for piece in pieces]
    assert time.monotonic() - started < 120
