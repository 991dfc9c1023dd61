"""Chat models, put together here: providers, prices, retries, others to turn to, budgets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import anyio

from promptuary.adapters._remote.settings import keep
from promptuary.domain.chats import BudgetUse, ChatTotals, ChatUse, PingState, ProviderHealth, Usage
from promptuary.domain.errors import InvalidInput, Misconfigured, PromptuaryError, Unavailable
from promptuary.plugins import open_cache, open_chat_model, schemes
from promptuary.ports.chat_model import ChatModel
from promptuary.ports.clock import Clock
from promptuary.resilience.attempts import Attempts
from promptuary.resilience.chats.breaker import BreakingChatModel
from promptuary.resilience.chats.budget import (
    BudgetedChatModel,
    ChatBudget,
    check_prices,
    unwatched,
)
from promptuary.resilience.chats.falling_back import FallbackChatModel
from promptuary.resilience.chats.ledger import Account, Ledger
from promptuary.resilience.chats.ordering import Ordering
from promptuary.resilience.chats.pricing import PricedChatModel, PriceTable
from promptuary.resilience.chats.reporting import ReportingChatModel
from promptuary.resilience.chats.retrying import RetryingChatModel
from promptuary.settings import Settings

PING_ATTEMPTS, PING_SECONDS = 3, 15.0
MOST_BUDGETS, MOST_TENANTS = 100, 10_000
_UNNAMED = "model"
"""Stands for a model nobody named, to see whether there is a key."""


KEYS: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "bedrock": "AWS_BEARER_TOKEN_BEDROCK",
    "gemini": "GOOGLE_API_KEY",
    "google": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "portkey": "PORTKEY_API_KEY",
}
"""Under which name each provider's key is looked for."""


def keep_key(provider: str, key: str) -> Path:
    """Put a provider's key into a file that only this user can read; that file. What stands in the
    environment still wins over it. Raises InvalidInput, which does not repeat the key."""
    if provider not in KEYS:
        known = ", ".join(KEYS)
        raise InvalidInput(f"{provider!r} is no provider; known are {known}")
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise InvalidInput("a key is one word of printable characters", fields={"key": "no key"})
    return keep(KEYS[provider], key)


def price_of(settings: Settings) -> Callable[[str, int], float | None]:
    """By a model, `provider/model` or `provider:model`, and the tokens of a prompt: what it costs
    in US dollars, None where that is not known. Raises Misconfigured, when it is first asked, for a
    price list that is wrong."""

    @cache
    def prices() -> PriceTable:
        return PriceTable.read(*[each for each in [settings.chat_prices] if each])

    def price(model: str, tokens: int) -> float | None:
        name = model if "/" in model else model.replace(":", "/", 1)
        return prices().priced(name, Usage(prompt_tokens=tokens)).cost

    return price


class Tally:
    """Adds up what is reported, a row a model."""

    def __init__(self) -> None:
        self._rows: dict[str, ChatTotals] = {}

    @property
    def totals(self) -> tuple[ChatTotals, ...]:
        """By model, in the order they were first asked."""
        return tuple(self._rows.values())

    def hear(self, use: ChatUse) -> None:
        """One call more."""
        provider, _, model = use.model.partition("/")
        was = self._rows.get(use.model) or ChatTotals(provider, model, 0, 0, 0, 0, 0.0, up=True)
        self._rows[use.model] = replace(
            was,
            calls=was.calls + 1,
            failures=was.failures + bool(use.failure),
            prompt_tokens=was.prompt_tokens + use.usage.prompt_tokens,
            completion_tokens=was.completion_tokens + use.usage.completion_tokens,
            cost=was.cost + (use.usage.cost or 0.0),
            up=not use.failure,
        )


class Watching:
    """The shares of budgets that are used, and those that came near their end since it was asked
    last. `alert` is the share from which that is so."""

    def __init__(self, alert: float) -> None:
        self._alert = alert
        self._used: dict[tuple[str, Account], BudgetUse] = {}
        self._news: list[BudgetUse] = []

    @property
    def used(self) -> tuple[BudgetUse, ...]:
        """Each budget that was asked, at its last share; the fullest first, a hundred at most."""
        return tuple(sorted(self._used.values(), key=lambda each: -each.share)[:MOST_BUDGETS])

    def news(self) -> list[BudgetUse]:
        """Those that came near their end since the last time."""
        news, self._news = self._news, []
        return news

    def hear(self, tenant: str, account: Account, share: float) -> None:
        """One budget was looked at."""
        now = BudgetUse(tenant, *account, share, near=share >= self._alert)
        was = self._used.get((tenant, account))
        if now.near and (was is None or not was.near):
            self._news.append(now)
        if len(self._used) >= MOST_TENANTS:
            self._used.clear()
        self._used[tenant, account] = now


class Chats:
    """The chat model of an open Promptuary. It is opened when it is first asked for: whoever asks
    no model needs no key."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._tally = Tally()
        self.budgets = Watching(settings.chat_alert_share)
        self._stack = AsyncExitStack()
        self._opening = anyio.Lock()
        self._models: dict[tuple[str, ...], ChatModel | None] = {}

    @property
    def totals(self) -> tuple[ChatTotals, ...]:
        """What was asked since it was opened, by model."""
        return self._tally.totals

    async def model(self) -> ChatModel | None:
        """The model that the settings name; None where they name none. Raises what `chat_model_of`
        raises."""
        return await self._of(self._settings.chat_models)

    def role(self, urls: tuple[str, ...]) -> Callable[[], Awaitable[ChatModel | None]]:
        """What gives the models of a role, which share budgets and totals with all others; without
        any it is `model`."""
        return partial(self._of, urls or self._settings.chat_models)

    async def _of(self, urls: tuple[str, ...]) -> ChatModel | None:
        async with self._opening:
            if urls not in self._models:
                set_so = self._settings.model_copy(update={"chat_models": urls})
                opening = chat_model_of(set_so, self._clock, self._tally, self.budgets)
                self._models[urls] = await self._stack.enter_async_context(opening)
        return self._models[urls]

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        await self._stack.aclose()


@asynccontextmanager
async def chat_model_of(
    settings: Settings, clock: Clock, tally: Tally, watching: Watching | None = None
) -> AsyncIterator[ChatModel | None]:
    """The model that `chat_models` names, with all that makes it last; None where it names none.

    Nobody is asked yet. Raises Misconfigured for a key that is missing, a model that is no URL, or
    a budget in dollars for a model whose price nobody knows.
    """
    if not settings.chat_models:
        yield None
        return
    prices = PriceTable.read(*[each for each in [settings.chat_prices] if each])
    within = settings.chat_seconds
    order = Ordering(settings.chat_strategy, prices, within)

    def hear(use: ChatUse) -> None:
        tally.hear(use)
        order.hear(use)

    models = [await _lasting(url, settings, clock, prices, hear) for url in settings.chat_models]
    model = models[0]
    if len(models) > 1:
        model = FallbackChatModel(clock, *models, within=within, order=order)
    budget = budget_of(settings)
    check_prices(budget, prices, [each.name for each in models])
    cache = await open_cache(settings.urls().spending)
    if budget.limits():
        watch = watching.hear if watching else unwatched
        model = BudgetedChatModel(model, budget, Ledger(cache, clock), prices, watch)
    try:
        yield model
    finally:
        await model.aclose()
        await cache.aclose()


def budget_of(settings: Settings) -> ChatBudget:
    """What each tenant may spend."""
    return ChatBudget(
        daily_dollars=settings.chat_daily_dollars,
        daily_tokens=settings.chat_daily_tokens,
        daily_requests=settings.chat_daily_requests,
        monthly_dollars=settings.chat_monthly_dollars,
    )


async def ping(settings: Settings, clock: Clock) -> list[ProviderHealth]:
    """Ask every provider for next to nothing, all at once, each three times at the most.

    First the models of `chat_models`, then the providers that none of them is of. Never raises.
    """
    named = list(settings.chat_models)
    used = {url.partition(":")[0] for url in named}
    others = [scheme for scheme in schemes("chat_models") if scheme not in used | {"http"}]
    found: dict[str, ProviderHealth] = {}
    async with anyio.create_task_group() as group:

        async def ask(url: str) -> None:
            found[url] = await _asked(url, clock)

        for url in named:
            group.start_soon(ask, url)
    return [*(found[url] for url in named), *[await _unasked(scheme) for scheme in others]]


async def _asked(url: str, clock: Clock) -> ProviderHealth:
    scheme, _, model = url.partition(":")
    started = clock.monotonic()
    trouble = ""
    try:
        opened = await open_chat_model(url)
        try:
            await _alive(opened, clock)
        finally:
            await opened.aclose()
    except PromptuaryError as error:
        trouble = f"{error} [{error.code}]"
    took = (clock.monotonic() - started) * 1_000
    state: PingState = "failed" if trouble else "connected"
    return ProviderHealth(scheme, model.partition("?")[0], state, trouble, took)


async def _alive(model: ChatModel, clock: Clock) -> None:
    trying = Attempts(clock, PING_ATTEMPTS).begin(PING_SECONDS)
    while True:
        try:
            return await model.ping()
        except Unavailable as error:
            await trying.again(error)


async def _unasked(scheme: str) -> ProviderHealth:
    """A provider of which no model was named, so there is nothing to ask."""
    try:
        opened = await open_chat_model(f"{scheme}:{_UNNAMED}")
        await opened.aclose()
    except Misconfigured as error:
        detail = str(error)
    else:
        detail = f"no model is named: PROMPTUARY_CHAT_MODELS={scheme}:MODEL"
    return ProviderHealth(scheme, "", "not configured", detail, 0.0)


async def _lasting(
    url: str,
    settings: Settings,
    clock: Clock,
    prices: PriceTable,
    hear: Callable[[ChatUse], None],
) -> ChatModel:
    priced = PricedChatModel(await open_chat_model(url), prices)
    told = ReportingChatModel(priced, clock, hear)
    within = settings.chat_seconds
    attempts = settings.chat_attempts
    tried = RetryingChatModel(told, clock, attempts=attempts, each=within / 2, within=within)
    return BreakingChatModel(tried, clock)
