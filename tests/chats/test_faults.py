"""Models behind endpoints: what every way of failing comes to, in bounded time."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, closing

import anyio
import pytest

from chats.keys import all_known
from promptuary.adapters._remote.refusals import retry_after
from promptuary.adapters.chat_models import anthropic, bedrock, gemini, http, openai
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
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ASKED = [Message("user", "one two three four")]
SOON = ChatOptions(seconds=0.4)
AT_EASE = ChatOptions(seconds=60)
OPENED: dict[str, Callable[[], RemoteChatModel]] = {
    "openai": lambda: openai.connect("openai:small"),
    "anthropic": lambda: anthropic.connect("anthropic:small"),
    "gemini": lambda: gemini.connect("gemini:small"),
    "bedrock": lambda: bedrock.connect("bedrock:maker.small-v1:0"),
}


@pytest.fixture
def upstream() -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        yield fake


@pytest.fixture(params=OPENED)
async def model(
    request: pytest.FixtureRequest, upstream: FakeChatUpstream, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RemoteChatModel]:
    all_known(monkeypatch, upstream.address)
    opened = OPENED[request.param]()
    yield opened
    await opened.aclose()


async def streamed(model: RemoteChatModel, options: ChatOptions = AT_EASE) -> str:
    async with aclosing(model.stream(ASKED, options=options)) as pieces:
        return "".join([piece.text async for piece in pieces])


SILENCES = ("hang", "drip", "stall")
EITHER: dict[str, type[PromptuaryError]] = {
    "cut": Unavailable,
    "close": Unavailable,
    "301": BadReply,
    "400": InvalidInput,
    "401": Misconfigured,
    "402": Misconfigured,
    "403": Misconfigured,
    "404": Misconfigured,
    "408": TimedOut,
    "413": TooLarge,
    "418": BadReply,
    "422": InvalidInput,
    "429": RateLimited,
    "500": Unavailable,
    "503": Unavailable,
    "529": Unavailable,
    "html": BadReply,
    "not_json": BadReply,
    "null": BadReply,
    "missing": BadReply,
    "empty": BadReply,
    "number": BadReply,
    "nan": BadReply,
    "below_zero": BadReply,
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", SILENCES)
async def test_silence_is_not_waited_for_longer_than_was_agreed(
    upstream: FakeChatUpstream, model: RemoteChatModel, fault: str
) -> None:
    upstream.faults.extend([fault, fault])
    for work in (model.reply(ASKED, options=SOON), streamed(model, SOON)):
        with pytest.raises(TimedOut, match=r"within 0\.4 s"), anyio.fail_after(60):
            await work
    upstream.faults.clear()  # a busy machine may not have come to ask at all in that time
    assert (await model.reply(ASKED)).text == "one two three four"


@pytest.mark.parametrize("fault", EITHER)
async def test_a_fault_ends_in_its_error(
    upstream: FakeChatUpstream, model: RemoteChatModel, fault: str
) -> None:
    upstream.faults.append(fault)
    with pytest.raises(PromptuaryError) as raised:
        await model.reply(ASKED, options=AT_EASE)
    assert type(raised.value) is EITHER[fault], raised.value
    assert str(raised.value).startswith(model.name)
    assert (await model.reply(ASKED)).text == "one two three four"


@pytest.mark.parametrize("fault", [*EITHER, "unfinished"])
async def test_a_fault_in_a_stream_ends_in_its_error(
    upstream: FakeChatUpstream, model: RemoteChatModel, fault: str
) -> None:
    upstream.faults.append(fault)
    with pytest.raises(PromptuaryError) as raised:
        await streamed(model)
    assert type(raised.value) is EITHER.get(fault, BadReply), raised.value
    assert str(raised.value).startswith(model.name)
    assert await streamed(model) == "one two three four"


async def test_an_error_may_come_with_status_200(
    upstream: FakeChatUpstream, model: RemoteChatModel
) -> None:
    upstream.faults.extend(["error", "error"])
    with pytest.raises(Unavailable):
        await model.reply(ASKED)
    pieces = model.stream(ASKED)
    assert (await anext(pieces)).text == "one"
    with pytest.raises(Unavailable, match="as told"):
        _ = [piece async for piece in pieces]


async def test_what_is_withheld_is_said_to_be(
    upstream: FakeChatUpstream, model: RemoteChatModel
) -> None:
    upstream.faults.extend(["filtered", "filtered"])
    assert (await model.reply(ASKED)).finish == "filtered"
    async with aclosing(model.stream(ASKED)) as pieces:
        assert [piece.finish async for piece in pieces] == ["filtered"]


@pytest.mark.slow
async def test_an_answer_without_end_is_not_read_to_its_end(
    upstream: FakeChatUpstream, model: RemoteChatModel
) -> None:
    upstream.faults.extend(["huge", "huge"])
    with pytest.raises(BadReply, match="more than"):
        await model.reply(ASKED)
    with pytest.raises(BadReply, match=r"longer than|no stream"):
        await streamed(model, ChatOptions())


async def test_how_long_to_wait_is_passed_on(
    upstream: FakeChatUpstream, model: RemoteChatModel
) -> None:
    upstream.faults.append("429")
    with pytest.raises(RateLimited) as raised:
        await model.reply(ASKED)
    assert raised.value.retry_after == 7


SOON_AGAIN = [
    ("7", 7.0),
    ("0.5", 0.5),
    ("-3", 0.0),
    ("1e99", 3600.0),
    ("inf", 3600.0),
    ("nan", 1.0),
    ("", 1.0),
    ("soon", 1.0),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ("Fri, 21 Oct 2095 07:28:00 GMT", 3600.0),
    ("Fri, 21 Oct 2095 07:28:00 -0000", 1.0),
]


@pytest.mark.parametrize(("header", "seconds"), SOON_AGAIN)
def test_whatever_a_host_asks_for_becomes_a_bounded_wait(header: str, seconds: float) -> None:
    assert retry_after(header) == seconds


async def test_a_stream_left_early_asks_for_no_more(
    upstream: FakeChatUpstream, model: RemoteChatModel
) -> None:
    upstream.faults.append("stall")
    async with aclosing(model.stream([Message("user", "word " * 500)])) as pieces:
        assert (await anext(pieces)).text == "word"
    assert (await model.reply(ASKED)).text


async def test_a_host_that_listens_and_never_accepts_is_left_in_time() -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as listener:
        model = http.connect(f"http://127.0.0.1:{listener.getsockname()[1]}/v1?model=small")
        with pytest.raises(TimedOut):
            await model.reply(ASKED, options=ChatOptions(seconds=0.2))
        await model.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1:1", "host.invalid", "[::1]:1"])
async def test_nobody_at_the_address_is_said_at_once(host: str) -> None:
    async with AsyncExitStack() as stack:
        model = http.connect(f"http://{host}/v1?model=small")
        stack.push_async_callback(model.aclose)
        with pytest.raises(Unavailable, match="cannot be reached"):
            await model.reply(ASKED, options=ChatOptions(seconds=2))
        with pytest.raises(Unavailable, match="cannot be reached"):
            await streamed(model, ChatOptions(seconds=2))
