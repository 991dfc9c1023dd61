"""A chat model that stops before it costs more than was set aside: the same port in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

from promptuary.domain.chats import ChatOptions, Delta, Message, Reply, Usage
from promptuary.domain.errors import BudgetSpent, Misconfigured, RateLimited, Unavailable
from promptuary.ports.chat_model import USUAL, ChatModel
from promptuary.resilience.chats.ledger import Account, Amounts, Ledger
from promptuary.resilience.chats.pricing import PriceTable

_ROOM = 1024
"""Tokens of a reply that are set aside where the options name no bound."""
_BYTES_A_TOKEN = 3
_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class ChatBudget:
    """What each tenant may spend in a day, and in a month; None: any amount."""

    daily_dollars: float | None = None
    daily_tokens: int | None = None
    daily_requests: int | None = None
    monthly_dollars: float | None = None

    def limits(self) -> dict[Account, int]:
        """Those that are set, in the units of the ledger."""
        given: dict[Account, int | None] = {
            ("day", "micros"): _micros(self.daily_dollars),
            ("day", "tokens"): self.daily_tokens,
            ("day", "requests"): self.daily_requests,
            ("month", "micros"): _micros(self.monthly_dollars),
        }
        return {account: limit for account, limit in given.items() if limit is not None}


Watch: TypeAlias = Callable[[str, Account, float], None]
"""Hears of which tenant and account which share is spent or set aside."""


def unwatched(_tenant: str, _account: Account, _share: float) -> None:
    """Nobody listens."""


class BudgetedChatModel:
    """Sets an estimate aside before it asks, and settles it when the cost is known, so that calls
    at once cannot overspend together. What was sent and failed counts as far as it was billed."""

    def __init__(
        self,
        model: ChatModel,
        budget: ChatBudget,
        ledger: Ledger,
        prices: PriceTable,
        watch: Watch = unwatched,
    ) -> None:
        self._watch = watch
        self._model = model
        self._limits = budget.limits()
        self._ledger = ledger
        self._prices = prices
        check_prices(budget, prices, [model.name])

    @property
    def name(self) -> str:
        """The wrapped model's."""
        return self._model.name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says. Raises BudgetSpent before anything is sent."""
        aside = await self._set_aside(messages, options)
        spent = self._amounts(Usage())
        try:
            reply = await self._model.reply(messages, options=options)
            spent = self._amounts(reply.usage)
            return reply
        except Unavailable as error:
            spent = self._lost(messages, error)
            raise
        finally:
            await self._settle(options.tenant, aside, spent)

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says. Raises BudgetSpent before anything is sent. Of a stream that is left
        early, or breaks off, what was said so far counts."""
        aside = await self._set_aside(messages, options)
        told, text = None, ""
        spent = self._amounts(Usage())
        try:
            async with aclosing(self._model.stream(messages, options=options)) as pieces:
                async for piece in pieces:
                    told, text = piece.usage or told, text + piece.text
                    spent = self._amounts(told or _usage(messages, _tokens(text)))
                    yield piece
        except Unavailable as error:
            spent = spent if text else self._lost(messages, error)
            raise
        finally:
            await self._settle(options.tenant, aside, spent)

    async def ping(self) -> None:
        """As the port says."""
        await self._model.ping()

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()

    async def _set_aside(self, messages: Sequence[Message], options: ChatOptions) -> Amounts:
        aside = self._amounts(_usage(messages, options.max_tokens or _ROOM))
        taken: list[Account] = []
        for account, limit in self._limits.items():
            taken.append(account)
            total = await self._ledger.add(options.tenant, account, aside[account[1]])
            self._watch(options.tenant, account, min(1.0, total / limit) if limit else 1.0)
            if total > limit:
                for each in taken:
                    await self._ledger.add(options.tenant, each, -aside[each[1]])
                raise BudgetSpent(self._refusal(account, limit, total - aside[account[1]]))
        return aside

    async def _settle(self, tenant: str, aside: Amounts, spent: Amounts) -> None:
        for account in self._limits:
            kind = account[1]
            # A request was made, whatever became of it.
            if kind != "requests" and (rest := spent[kind] - aside[kind]):
                await self._ledger.add(tenant, account, rest)

    def _amounts(self, usage: Usage) -> Amounts:
        priced = usage if usage.cost is not None else self._prices.priced(self.name, usage)
        return {
            "micros": ceil((priced.cost or 0.0) * _MICROS),
            "tokens": usage.prompt_tokens + usage.completion_tokens,
            "requests": 1,
        }

    def _lost(self, messages: Sequence[Message], error: Unavailable) -> Amounts:
        """Of a call that failed: nothing when it was turned away, else what was sent."""
        turned_away = isinstance(error, RateLimited)
        return self._amounts(Usage() if turned_away else _usage(messages, 0))

    def _refusal(self, account: Account, limit: int, spent: int) -> str:
        span, kind = account
        shown = f"{spent:,} of {limit:,} {kind}"
        if kind == "micros":
            shown = f"${spent / _MICROS:.2f} of ${limit / _MICROS:.2f}"
        period = self._ledger.period(span)
        return f"this may need more than the {span} {period} allows: {shown} are spent or set aside"


def check_prices(budget: ChatBudget, prices: PriceTable, names: Sequence[str]) -> None:
    """Raises Misconfigured where a budget is in dollars and a model's price is not known."""
    if not any(kind == "micros" for _, kind in budget.limits()):
        return
    for name in names:
        if prices.of(name) is None:
            raise Misconfigured(
                f"there is a budget in dollars, but nobody knows what {name} costs: "
                "put its price into the file of chat_prices, or set a budget in tokens"
            )


def _usage(messages: Sequence[Message], completion: int) -> Usage:
    """By a rule of thumb, on the high side."""
    return Usage(sum(4 + _tokens(each.content) for each in messages), completion, estimated=True)


def _tokens(text: str) -> int:
    return ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)


def _micros(dollars: float | None) -> int | None:
    return None if dollars is None else int(dollars * _MICROS)
