"""Chat models that last: retries, the breaker, others to turn to, and who hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

import pytest

from promptuary.domain.chats import ChatOptions, ChatUse, Delta, Message, Usage
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from promptuary.ports.chat_model import ChatModel
from promptuary.resilience.chats.breaker import BreakingChatModel
from promptuary.resilience.chats.falling_back import FallbackChatModel
from promptuary.resilience.chats.reporting import ReportingChatModel
from promptuary.resilience.chats.retrying import RetryingChatModel
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.clock import HandClock

pytestmark = pytest.mark.anyio

ASKED = [Message("user", "one two three")]
CHEAP = ChatOptions(max_tokens=10)


class Hurried(HandClock):
    """Whoever sleeps moves the time on."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


class TestRetrying(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return RetryingChatModel(FakeChatModel(), Hurried())


class TestBreaking(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return BreakingChatModel(FakeChatModel(), Hurried())


class TestFallback(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return FallbackChatModel(Hurried(), FakeChatModel(), FakeChatModel())


class TestReporting(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return ReportingChatModel(FakeChatModel(), Hurried(), [].append)


async def said(model: ChatModel, options: ChatOptions = CHEAP) -> list[Delta]:
    async with aclosing(model.stream(ASKED, options=options)) as pieces:
        return [piece async for piece in pieces]


def text(pieces: Sequence[Delta]) -> str:
    return "".join(piece.text for piece in pieces)


async def test_what_may_pass_is_tried_again_after_a_growing_wait() -> None:
    clock, inner = Hurried(), FakeChatModel(Unavailable("a"), BadReply("b"), "yes")
    began = clock.monotonic()
    model = RetryingChatModel(inner, clock, draw=lambda: 1.0)
    assert (await model.reply(ASKED)).text == "yes"
    assert clock.monotonic() - began == pytest.approx(0.5 + 1.0)


async def test_what_a_busy_provider_asks_for_is_waited_for_within_the_time_there_is() -> None:
    clock = Hurried()
    slow = RateLimited("slow", retry_after=7)
    model = RetryingChatModel(FakeChatModel(slow, "yes", slow), clock, draw=lambda: 1.0)
    await model.reply(ASKED)
    assert clock.monotonic() == 7
    with pytest.raises(RateLimited):
        await model.reply(ASKED, options=ChatOptions(seconds=5))
    assert clock.monotonic() == 7


async def test_what_is_wrong_is_not_repeated() -> None:
    inner = FakeChatModel(InvalidInput("no"))
    with pytest.raises(InvalidInput):
        await RetryingChatModel(inner, Hurried()).reply(ASKED)
    assert len(inner.asked) == 1


async def test_each_attempt_has_its_time_and_all_of_them_theirs() -> None:
    clock = Hurried()
    inner = FakeChatModel(TimedOut("a"), TimedOut("b"), TimedOut("c"))
    model = RetryingChatModel(inner, clock, each=30, draw=lambda: 1.0)
    with pytest.raises(TimedOut, match="c"):
        await model.reply(ASKED, options=ChatOptions(seconds=30.75))
    assert [each.seconds for each in inner.options] == pytest.approx([30, 30, 29.25], abs=0.01)


async def test_a_stream_is_begun_again_only_while_nothing_was_said() -> None:
    inner = FakeChatModel(Unavailable("a"), "yes", ("half of", Unavailable("cut")), "no")
    model = RetryingChatModel(inner, Hurried())
    assert text(await said(model)) == "yes"
    pieces = model.stream(ASKED)
    assert [(await anext(pieces)).text for _ in range(2)] == ["half", " of"]
    with pytest.raises(Unavailable, match="cut"):
        await anext(pieces)
    assert len(inner.asked) == 3


async def test_a_failing_provider_is_left_alone_and_then_tried_once() -> None:
    clock, inner = Hurried(), FakeChatModel(*(Unavailable("down") for _ in range(3)))
    breaking = BreakingChatModel(inner, clock, failures=2, rest=30)
    for _ in range(2):
        with pytest.raises(Unavailable, match="down"):
            await said(breaking)
    with pytest.raises(Unavailable, match="rests 30 s"):
        await breaking.reply(ASKED)
    await clock.sleep(30)
    with pytest.raises(Unavailable, match="down"):
        await breaking.reply(ASKED)
    with pytest.raises(Unavailable, match="rests"):
        await said(breaking)
    await clock.sleep(30)
    await breaking.reply(ASKED)
    assert len(inner.asked) == 4


@pytest.mark.parametrize("error", [RateLimited("busy", retry_after=1), InvalidInput("bad")])
async def test_a_busy_provider_and_a_bad_request_break_nothing(error: PromptuaryError) -> None:
    inner = FakeChatModel(error, error)
    breaking = BreakingChatModel(inner, Hurried(), failures=1)
    for _ in range(2):
        with pytest.raises(type(error)):
            await breaking.reply(ASKED)
    assert (await breaking.reply(ASKED)).text


async def test_another_stands_in_and_the_reply_says_who() -> None:
    first = FakeChatModel(Unavailable("a"), Unavailable("b"), name="fake/first")
    second = FakeChatModel(name="fake/second")
    chain = FallbackChatModel(Hurried(), first, second)
    assert chain.name == "fake/first"
    assert (await chain.reply(ASKED)).model == "fake/second"
    assert {piece.model for piece in await said(chain)} == {"fake/second"}
    assert (await chain.reply(ASKED)).model == "fake/first"


async def test_nobody_goes_on_with_what_another_began() -> None:
    chain = FallbackChatModel(
        Hurried(), FakeChatModel(("half", Unavailable("cut"))), FakeChatModel()
    )
    pieces = chain.stream(ASKED)
    assert (await anext(pieces)).text == "half"
    with pytest.raises(Unavailable, match="cut"):
        await anext(pieces)


@pytest.mark.parametrize("error", [Misconfigured("key"), InvalidInput("bad")])
async def test_what_is_wrong_is_not_hidden_behind_another(error: PromptuaryError) -> None:
    second = FakeChatModel()
    chain = FallbackChatModel(Hurried(), FakeChatModel(error, error), second)
    with pytest.raises(type(error)):
        await chain.reply(ASKED)
    with pytest.raises(type(error)):
        await said(chain)
    assert second.asked == []


async def test_when_all_are_away_the_last_one_says_why() -> None:
    chain = FallbackChatModel(
        Hurried(),
        FakeChatModel(Unavailable("a"), Unavailable("a")),
        FakeChatModel(Unavailable("b"), Unavailable("b")),
    )
    with pytest.raises(Unavailable, match="b"):
        await chain.reply(ASKED)
    with pytest.raises(Unavailable, match="b"):
        await said(chain)


async def test_one_that_hangs_leaves_time_for_the_others() -> None:
    first, second = FakeChatModel(Unavailable("a")), FakeChatModel()
    await FallbackChatModel(Hurried(), first, second).reply(ASKED, options=ChatOptions(seconds=60))
    assert first.options[0].seconds == 30
    assert second.options[0].seconds == 60


async def test_every_call_is_told_of_and_nothing_that_was_said() -> None:
    told: list[ChatUse] = []
    inner = FakeChatModel("secret words", ("secret", TimedOut("late")))
    model = ReportingChatModel(inner, Hurried(), told.append)
    await model.reply(ASKED)
    with pytest.raises(TimedOut):
        await said(model)
    assert [each.failure for each in told] == ["", "TIMED_OUT"]
    assert told[0].usage == Usage(3, 2)
    assert "secret" not in str(told)
