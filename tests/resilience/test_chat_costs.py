"""What replies cost, and how a budget is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from promptuary.adapters.caches.sqlite import SqliteCache
from promptuary.domain.chats import ChatOptions, Delta, Message, Usage
from promptuary.domain.errors import (
    BudgetSpent,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from promptuary.ports.chat_model import ChatModel
from promptuary.resilience.chats.budget import BudgetedChatModel, ChatBudget
from promptuary.resilience.chats.ledger import Ledger
from promptuary.resilience.chats.pricing import PricedChatModel, PriceTable
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.cache import FakeCache
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.clock import HandClock

pytestmark = pytest.mark.anyio

ASKED = [Message("user", "one two three")]
CHEAP = ChatOptions(max_tokens=10)


class Hurried(HandClock):
    """Whoever sleeps moves the time on."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


def table(tmp_path: Path, **prices: Sequence[float]) -> PriceTable:
    file = tmp_path / "prices.json"
    listed = {"provider": "fake", "as_of": "2030-01-01", "models": prices}
    file.write_text(json.dumps([listed]))
    return PriceTable.read(file)


class TestPriced(ChatModelContract):
    @pytest.fixture
    def chat_model(self, tmp_path: Path) -> ChatModel:
        return PricedChatModel(FakeChatModel(), table(tmp_path, echo=[1, 2]))


class TestBudgeted(ChatModelContract):
    @pytest.fixture
    def chat_model(self, tmp_path: Path) -> ChatModel:
        budget = ChatBudget(daily_dollars=10, daily_tokens=10**7, monthly_dollars=10)
        ledger = Ledger(FakeCache(), Hurried())
        return BudgetedChatModel(FakeChatModel(), budget, ledger, table(tmp_path, echo=[1, 2]))


async def said(model: ChatModel, options: ChatOptions = CHEAP) -> list[Delta]:
    async with aclosing(model.stream(ASKED, options=options)) as pieces:
        return [piece async for piece in pieces]


async def test_a_reply_says_what_it_cost(tmp_path: Path) -> None:
    model = PricedChatModel(FakeChatModel(), table(tmp_path, echo=[1000, 2_000_000]))
    assert (await model.reply(ASKED)).usage.cost == pytest.approx(3 * 0.001 + 3 * 2)
    usage = (await said(model))[-1].usage
    assert usage
    assert usage.cost == pytest.approx(6.003)


async def test_an_unknown_price_is_said_to_be_unknown(tmp_path: Path) -> None:
    told = Usage(1, 2)
    assert table(tmp_path).priced("fake/echo", told).cost is None


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("openai/gpt-4o-mini", True),
        ("openai/gpt-4o-mini-2024-07-18", True),
        ("anthropic/claude-haiku-4-5-20251001", True),
        ("google/gemini-2.5-flash", True),
        ("ollama/anything:7b", True),
        ("openai/gpt-4o-audio", False),
        ("gpt-4o", False),
    ],
)
def test_a_version_of_a_day_costs_what_its_model_does(name: str, known: bool) -> None:
    assert (PriceTable.read().of(name) is not None) is known


def test_a_long_prompt_costs_what_long_ones_do() -> None:
    price = PriceTable.read().of("gemini/gemini-2.5-pro")
    assert price
    assert price.cost(Usage(200_000, 0)) == pytest.approx(0.25)
    assert price.cost(Usage(400_000, 0)) == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", ["", "{}", '[{"provider": "x"}]', "NaN", '[{"models": []}]'])
def test_a_price_list_that_is_wrong_is_named(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(wrong)
    if wrong == "{}":
        assert PriceTable.read(file).of("openai/gpt-4o")
        return
    with pytest.raises(Misconfigured, match=r"mine\.json"):
        PriceTable.read(file)


@pytest.mark.parametrize("numbers", [[1], [1, -1], [1, float("inf")], [1, "x"], ["a", "b"]])
def test_a_price_that_is_none_is_refused(tmp_path: Path, numbers: list[float]) -> None:
    with pytest.raises(Misconfigured):
        table(tmp_path, echo=numbers)


def budgeted(
    inner: FakeChatModel, tmp_path: Path, clock: HandClock, **limits: float
) -> BudgetedChatModel:
    """A dollar a token of either kind, and the ledger in a file."""
    kept = SqliteCache(tmp_path / "spent.db", clock=lambda: clock.now().timestamp())
    million = table(tmp_path, echo=[1_000_000, 1_000_000])
    budget = ChatBudget(**limits)
    return BudgetedChatModel(inner, budget, Ledger(kept, clock), million)


async def test_a_budget_ends_before_it_is_overspent_and_begins_anew(tmp_path: Path) -> None:
    clock, inner = HandClock(), FakeChatModel()
    model = budgeted(inner, tmp_path, clock, daily_dollars=25)
    assert (await model.reply(ASKED, options=CHEAP)).text  # 6 dollars
    with pytest.raises(BudgetSpent, match=r"\$6\.00 of \$25\.00"):
        await model.reply(ASKED, options=ChatOptions(max_tokens=12))
    assert len(inner.asked) == 1
    await clock.advance(timedelta(days=1).total_seconds())
    assert (await model.reply(ASKED, options=ChatOptions(max_tokens=12))).text


async def test_a_restart_forgives_nothing(tmp_path: Path) -> None:
    clock = HandClock()
    first = budgeted(FakeChatModel(), tmp_path, clock, daily_requests=1)
    await first.reply(ASKED)
    await first._ledger.cache.aclose()
    with pytest.raises(BudgetSpent, match="1 of 1 requests"):
        await budgeted(FakeChatModel(), tmp_path, clock, daily_requests=1).reply(ASKED)


async def test_each_tenant_has_a_budget_of_its_own(tmp_path: Path) -> None:
    model = budgeted(FakeChatModel(), tmp_path, HandClock(), daily_requests=1)
    for tenant in ("", "a", "b"):
        assert await model.reply(ASKED, options=ChatOptions(tenant=tenant))
    with pytest.raises(BudgetSpent):
        await model.reply(ASKED, options=ChatOptions(tenant="a"))


async def test_a_month_is_longer_than_its_days(tmp_path: Path) -> None:
    clock = HandClock()
    model = budgeted(FakeChatModel(), tmp_path, clock, monthly_dollars=24)
    await model.reply(ASKED, options=CHEAP)
    await clock.advance(timedelta(days=1).total_seconds())
    with pytest.raises(BudgetSpent, match="month 2030-01"):
        await model.reply(ASKED, options=ChatOptions(max_tokens=12))
    await clock.advance(timedelta(days=31).total_seconds())
    assert await model.reply(ASKED, options=CHEAP)


async def test_calls_at_once_do_not_overspend_together(tmp_path: Path) -> None:
    model = budgeted(FakeChatModel(), tmp_path, HandClock(), daily_tokens=100)
    ends: list[str] = []

    async def ask() -> None:
        try:
            await model.reply(ASKED, options=ChatOptions(max_tokens=20))
            ends.append("said")
        except BudgetSpent:
            ends.append("spent")

    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(ask)
    account = ("day", "tokens")
    assert await model._ledger.add("", account, 0) == 6 * ends.count("said")
    assert 6 * ends.count("said") <= 100


@pytest.mark.parametrize(
    ("error", "spent"),
    [
        (RateLimited("busy", retry_after=1), 0),
        (InvalidInput("bad"), 0),
        (TimedOut("gone"), 9),
    ],
)
async def test_what_failed_counts_as_far_as_it_was_billed(
    tmp_path: Path, error: PromptuaryError, spent: int
) -> None:
    model = budgeted(FakeChatModel(error, error), tmp_path, HandClock(), daily_tokens=100)
    with pytest.raises(type(error)):
        await model.reply(ASKED, options=CHEAP)
    with pytest.raises(type(error)):
        await said(model)
    assert await model._ledger.add("", ("day", "tokens"), 0) == 2 * spent


async def test_of_a_stream_that_is_left_early_what_was_said_counts(tmp_path: Path) -> None:
    model = budgeted(FakeChatModel(), tmp_path, HandClock(), daily_tokens=100)
    async with aclosing(model.stream(ASKED, options=CHEAP)) as pieces:
        await anext(pieces)
    assert await model._ledger.add("", ("day", "tokens"), 0) == 9 + 1


async def test_while_the_ledger_is_away_the_limit_still_holds(tmp_path: Path) -> None:
    class Away(FakeCache):
        async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
            raise Unavailable("away")

    ledger = Ledger(Away(), HandClock())
    model = BudgetedChatModel(
        FakeChatModel(), ChatBudget(daily_requests=2), ledger, PriceTable.read()
    )
    for _ in range(2):
        await model.reply(ASKED)
    with pytest.raises(BudgetSpent):
        await model.reply(ASKED)


def test_a_budget_in_dollars_needs_a_price(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="fake/dear"):
        budgeted(FakeChatModel(name="fake/dear"), tmp_path, HandClock(), daily_dollars=1)
